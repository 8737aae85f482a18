/**
 * From what the user calls sources to the roots to walk: folders, files, and patterns such as `/home/*` + `/Documents`
 * as a shell knows them: a leading `*` does not match names with a leading dot.
 */
import * as fs from 'node:fs';
import { resolve } from 'node:path';
import { fsPath } from '../system/long-paths.ts';
import { wordsOfCode } from './error-words.ts';
import { mergeRoots } from './merge-roots.ts';
import type { MergeOptions, SourceRoot } from './merge-roots.ts';

export type { SourceRoot } from './merge-roots.ts';

export interface SourceContext extends Partial<MergeOptions> {
  /** What relative paths are relative to. */
  readonly cwd: string;
  /** What `~` means. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

export interface SourceProblem {
  /** As the user wrote it, or the path found. */
  readonly source: string;
  /** One sentence. */
  readonly message: string;
}

export interface ResolvedSources {
  /** Sorted by path; none is walked as a part of another. A path that does not exist stays a root, a missing one. */
  readonly roots: readonly SourceRoot[];
  readonly problems: readonly SourceProblem[];
  /** What a person should know that is no problem: roots that are part of others. */
  readonly notes: readonly string[];
}

export async function resolveSources(sources: readonly string[], context: SourceContext): Promise<ResolvedSources> {
  const paths: string[] = [];
  const problems: SourceProblem[] = [];
  for (const source of sources) {
    const found = await resolveSource(source, context);
    paths.push(...found.paths);
    problems.push(...found.problems);
  }
  const merged = mergeRoots(paths, {
    oneFileSystem: context.oneFileSystem ?? true,
    isLeftOut: context.isLeftOut ?? (() => false),
  });
  return {
    roots: merged.roots,
    problems: [...problems, ...merged.problems.map(({ path, message }) => ({ source: path, message }))],
    notes: merged.notes,
  };
}

interface Found {
  readonly paths: readonly string[];
  readonly problems: readonly SourceProblem[];
}

async function resolveSource(source: string, { cwd, home, platform }: SourceContext): Promise<Found> {
  const fromHome = /^~(?:$|[\\/])/.test(source) && (platform === 'win32' || !source.startsWith('~\\'));
  const base = fromHome ? home : cwd;
  const rest = fromHome ? source.slice(1).replace(/^[\\/]+/, '') : source;
  const literal = resolve(base, rest);
  if (source === '') return { paths: [], problems: [{ source, message: 'a source is empty; name a folder' }] };
  if (exists(literal)) return { paths: [literal], problems: [] };
  const { default: fastGlob } = await import('fast-glob');
  const pattern = platform === 'win32' ? rest.replaceAll('\\', '/') : rest;
  if (!fastGlob.isDynamicPattern(pattern)) {
    const isMutilated = literal.includes(REPLACEMENT);
    return { paths: isMutilated ? [] : [literal], problems: isMutilated ? [notUtf8(literal)] : [] };
  }

  const unlisted: SourceProblem[] = [];
  const matches = await fastGlob(pattern, {
    cwd: base,
    absolute: true,
    onlyFiles: false,
    // As a shell does; but below `**` a link to a folder above would be followed for ever.
    followSymbolicLinks: !pattern.includes('**'),
    caseSensitiveMatch: platform !== 'win32' && platform !== 'darwin',
    suppressErrors: true, // One closed folder must not hide all others; it is told here instead.
    fs: { readdir: readdirTelling((path, code) => unlisted.push(cannotList(source, path, code))) },
  });
  const paths = matches.map((match) => resolve(match));
  const present = paths.filter(exists);
  const problems = [...unlisted, ...paths.filter((path) => !present.includes(path)).map(notUtf8)];
  if (present.length === 0 && problems.length === 0)
    problems.push({ source, message: `the pattern ${source} matches nothing` });
  return { paths: present, problems };
}

const cannotList = (source: string, path: string, code: string): SourceProblem => ({
  source,
  message: `cannot look for ${source} in ${path}: ${wordsOfCode(code)}`,
});

/** What Node puts in place of bytes that are not UTF-8, in arguments too. */
const REPLACEMENT = '\u{FFFD}';

/** Arguments and patterns are text; a name that is none comes mutilated and is not found. */
const notUtf8 = (path: string): SourceProblem => ({
  source: path,
  message: `${path} has a name that is not UTF-8, which cannot be named here; back up the folder around it`,
});

function exists(path: string): boolean {
  try {
    return fs.lstatSync(fsPath(path), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return false; // A folder above is closed: kept as it is written.
    throw error;
  }
}

type Readdir = typeof fs.readdir;
type Callback = (error: NodeJS.ErrnoException | null, entries: fs.Dirent[]) => void;

/** `fs.readdir`, which also tells what cannot be listed for another reason than that it is no folder. */
function readdirTelling(tell: (path: string, code: string) => void): Readdir {
  const readdir = (path: string, options: { withFileTypes: true }, callback: Callback): void =>
    fs.readdir(path, options, (error, entries) => {
      if (error !== null && error.code !== 'ENOENT' && error.code !== 'ENOTDIR')
        tell(path, error.code ?? error.message);
      callback(error, entries);
    });
  return readdir as unknown as Readdir;
}
