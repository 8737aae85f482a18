/** The configuration file: JSON, every key checked, relative paths counted from the file's own folder. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { BackupError, isDeviceId, isNodeError, PACK_TIERINGS } from '@backup-agent/core';
import { didYouMean } from '../suggest.ts';
import { parseBytes } from '../units.ts';

const texts = z.array(z.string().min(1)).max(10_000);

export const configSchema = z.strictObject({
  /** Only for editors that check the file while it is written. */
  $schema: z.string().optional(),
  repo: z.string().min(1).optional(),
  device: z
    .string()
    .refine(isDeviceId, 'is not a device id: 2 to 63 lower-case letters, digits and hyphens')
    .optional(),
  region: z.string().min(1).optional(),
  endpoint: z.url({ protocol: /^https?$/, error: 'is not an http or https address' }).optional(),
  kmsKey: z.string().min(1).optional(),
  awsProfile: z.string().min(1).optional(),
  packTiering: z.enum(PACK_TIERINGS, { error: `must be one of ${PACK_TIERINGS.join(', ')}` }).optional(),
  metricsEnvironment: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'is not a name of letters, digits, dots, hyphens and underscores')
    .optional(),
  sources: texts.optional(),
  exclude: texts.optional(),
  excludeFiles: texts.optional(),
  excludeIfPresent: texts.optional(),
  /** Bytes, or a size such as "100M". */
  excludeLargerThan: z.union([z.int().min(0), z.string().min(1)]).optional(),
  defaultExcludes: z.boolean().optional(),
  oneFileSystem: z.boolean().optional(),
  ignoreInode: z.boolean().optional(),
  ignoreCtime: z.boolean().optional(),
  concurrency: z.int().min(1).max(64).optional(),
  compressionLevel: z.int().min(1).max(19).optional(),
  extraVerify: z.boolean().optional(),
  tags: texts.optional(),
  logFile: z.string().min(1).optional(),
});
export type ConfigFile = z.output<typeof configSchema>;

/**
 * What the file says, with absolute paths, or undefined if there is no such file. Throws CONFIG_INVALID, naming the key
 * and, for one that is not known, the nearest that is; ACCESS_DENIED.
 */
export function readConfigFile(file: string, home: string): ConfigFile | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BackupError('CONFIG_INVALID', `${file} is not JSON${placeOf(cause, text)}`, {
      hint: 'JSON needs double quotes, no comments, and no comma after the last item',
    });
  }
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) throw explain(file, parsed.error.issues[0]);
  return resolved(parsed.data, path.dirname(path.resolve(file)), home, file);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    if (isNodeError(cause, 'ENOENT', 'ENOTDIR')) return undefined;
    if (isNodeError(cause, 'EACCES', 'EPERM'))
      throw new BackupError('ACCESS_DENIED', `${file} may not be read`, { hint: 'check who may read the file', cause });
    throw new BackupError('CONFIG_INVALID', `${file} cannot be read (${codeOf(cause)})`, {
      cause,
    });
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';

/** ` at line 3`, where V8 says at which character the trouble is. The text itself is not repeated: it may hold secrets. */
function placeOf(error: unknown, text: string): string {
  const [, position] = /position (\d+)/.exec(error instanceof Error ? error.message : '') ?? [];
  return position === undefined ? '' : ` (line ${text.slice(0, Number(position)).split('\n').length})`;
}

function explain(file: string, issue: z.core.$ZodIssue | undefined): BackupError {
  const at = issue?.path.map(String).join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return new BackupError('CONFIG_INVALID', `${file}: there is no key "${key}"`, {
      hint: didYouMean(key, Object.keys(configSchema.shape)) ?? 'see "backup-agent config show" for all keys',
    });
  }
  const where = at === '' ? file : `${file}: "${at}"`;
  return new BackupError('CONFIG_INVALID', `${where}: ${lowerFirst(issue?.message ?? 'is not valid')}`);
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

function resolved(config: ConfigFile, folder: string, home: string, file: string): ConfigFile {
  const absolute = (place: string): string => path.resolve(folder, expandHome(place, home));
  const { repo, sources, excludeFiles, logFile, excludeLargerThan, ...rest } = config;
  return {
    ...rest,
    ...(repo === undefined ? {} : { repo: /^[a-z][a-z0-9+.-]+:\/\//i.test(repo) ? repo : absolute(repo) }),
    ...(sources === undefined ? {} : { sources: sources.map(absolute) }),
    ...(excludeFiles === undefined ? {} : { excludeFiles: excludeFiles.map(absolute) }),
    ...(logFile === undefined ? {} : { logFile: absolute(logFile) }),
    ...(excludeLargerThan === undefined
      ? {}
      : {
          excludeLargerThan:
            typeof excludeLargerThan === 'number'
              ? excludeLargerThan
              : parseBytes(excludeLargerThan, `${file}: "excludeLargerThan"`),
        }),
  };
}

/** `~` and `~/x`: no shell does it for a file. */
export const expandHome = (place: string, home: string): string =>
  place === '~' ? home : /^~[/\\]/.test(place) ? path.join(home, place.slice(2)) : place;
