/** The effective configuration: each value with where it comes from. Precedence: flag, environment, file, default. */
import type { PackTiering } from '@backup-agent/core';
import type { ConfigFile } from './config-file.ts';
import { deviceIdOfHost } from './device-name.ts';

export type Origin =
  | { readonly from: 'flag'; readonly name: string }
  | { readonly from: 'environment'; readonly name: string }
  | { readonly from: 'file'; readonly path: string }
  /** `why` where the default is not the same everywhere. */
  | { readonly from: 'default'; readonly why?: string };

export interface Setting<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** Of every value there is a default; undefined where the absence means something. */
export interface SettingValues {
  readonly repo: string | undefined;
  readonly device: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly kmsKey: string | undefined;
  /** Of the AWS configuration. */
  readonly awsProfile: string | undefined;
  /** Where packs of documents lie in a bucket. */
  readonly packTiering: PackTiering;
  /** Figures of runs go to CloudWatch under this name; undefined: nowhere. */
  readonly metricsEnvironment: string | undefined;
  readonly sources: readonly string[];
  readonly exclude: readonly string[];
  readonly excludeFiles: readonly string[];
  readonly excludeIfPresent: readonly string[];
  /** Bytes. */
  readonly excludeLargerThan: number | undefined;
  readonly defaultExcludes: boolean;
  readonly oneFileSystem: boolean;
  readonly ignoreInode: boolean;
  readonly ignoreCtime: boolean;
  /** Threads that read, hash and compress. */
  readonly concurrency: number;
  /** zstd, 1 to 19. */
  readonly compressionLevel: number;
  readonly extraVerify: boolean;
  readonly tags: readonly string[];
  readonly logFile: string | undefined;
}

export type Settings = { readonly [Name in keyof SettingValues]: Setting<SettingValues[Name]> };

/** Environment variables that set a value. */
const SETTING_VARIABLES: Readonly<Partial<Record<keyof SettingValues, string>>> = {
  repo: 'BACKUP_AGENT_REPO',
  device: 'BACKUP_AGENT_DEVICE',
  region: 'BACKUP_AGENT_REGION',
  endpoint: 'BACKUP_AGENT_ENDPOINT',
  kmsKey: 'BACKUP_AGENT_KMS_KEY',
  awsProfile: 'AWS_PROFILE',
  logFile: 'BACKUP_AGENT_LOG_FILE',
};

export interface SettingSources {
  /** Undefined or absent: not given. */
  readonly flags: { readonly [Name in keyof SettingValues]?: SettingValues[Name] | undefined };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: { readonly path: string; readonly values: ConfigFile } | undefined;
  readonly host: string;
  readonly processors: number;
}

export function resolveSettings(sources: SettingSources): Settings {
  const usual = defaultsFor(sources);
  const defaults = { ...usual, packTiering: usualTiering(resolveSetting('endpoint', sources, usual).value) };
  const names = Object.keys(defaults) as (keyof SettingValues)[];
  // Each key's value has that key's type in all four sources; a mapped type cannot say so of entries.
  return Object.fromEntries(
    names.map((name) => [name, resolveSetting(name, sources, defaults)]),
  ) as unknown as Settings;
}

function resolveSetting(name: keyof SettingValues, sources: SettingSources, defaults: Settings): Setting<unknown> {
  const flag = sources.flags[name];
  if (flag !== undefined) return { value: flag, origin: { from: 'flag', name: flagName(name) } };
  const variable = SETTING_VARIABLES[name];
  const fromEnvironment = variable === undefined ? undefined : sources.environment[variable];
  if (variable !== undefined && fromEnvironment !== undefined && fromEnvironment !== '')
    return { value: fromEnvironment, origin: { from: 'environment', name: variable } };
  const fromFile = sources.file?.values[name as keyof ConfigFile];
  if (sources.file !== undefined && fromFile !== undefined)
    return { value: fromFile, origin: { from: 'file', path: sources.file.path } };
  return defaults[name];
}

const flagName = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** More threads than this gain nothing: reading and the network are slower. */
const CONCURRENCY_DEFAULT_MAX = 4;

function defaultsFor({ host, processors }: SettingSources): Settings {
  const usual = <T>(value: T, why?: string): Setting<T> => ({
    value,
    origin: why === undefined ? { from: 'default' } : { from: 'default', why },
  });
  return {
    repo: usual(undefined),
    device: usual<string>(deviceIdOfHost(host), 'from the host name'),
    region: usual(undefined),
    endpoint: usual(undefined),
    kmsKey: usual(undefined),
    awsProfile: usual(undefined),
    packTiering: usual('none'),
    metricsEnvironment: usual(undefined),
    sources: usual([]),
    exclude: usual([]),
    excludeFiles: usual([]),
    excludeIfPresent: usual([]),
    excludeLargerThan: usual(undefined),
    defaultExcludes: usual(true),
    oneFileSystem: usual(true),
    ignoreInode: usual(false),
    ignoreCtime: usual(false),
    concurrency: usual(Math.max(1, Math.min(CONCURRENCY_DEFAULT_MAX, processors)), 'from the number of processors'),
    compressionLevel: usual(3),
    extraVerify: usual(true),
    tags: usual([]),
    logFile: usual(undefined),
  };
}

/** Reading costs the same from there as from everywhere else in S3; other servers may not know the class. */
const usualTiering = (endpoint: unknown): Setting<PackTiering> =>
  endpoint === undefined
    ? { value: 'intelligent', origin: { from: 'default', why: 'for Amazon S3' } }
    : { value: 'none', origin: { from: 'default', why: 'for other servers' } };
