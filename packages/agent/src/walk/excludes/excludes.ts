/**
 * Decides what of a tree is not backed up. Precedence: the command line's patterns, then `.backupignore` files (deeper
 * ones first), then the size limit, then the defaults; a negated pattern takes back in what the defaults leave out.
 * The root itself is never excluded by a pattern or default: the user named it.
 */
import { makeDefaultMatcher } from './default-matcher.ts';
import { CACHE_TAG, readCacheTag, readIgnoreFile } from './folder-files.ts';
import { makePatternScope } from './pattern-scope.ts';
import type { PatternScope } from './pattern-scope.ts';
import { patternForRoot, patternsOfFile } from './patterns.ts';
import type { ExcludePattern } from './patterns.ts';
import type { ExcludableKind, ExcludeRule } from './rule.ts';
import { joinPath } from '../../system/long-paths.ts';

/** Plain data: it crosses to the worker. */
export interface ExcludeOptions {
  /** From --exclude and --exclude-file, in this order: the last match decides. */
  readonly patterns: readonly ExcludePattern[];
  /** Files in the tree that hold patterns for what lies below them; undefined: none are read. */
  readonly ignoreFileName: string | undefined;
  /** Of a folder that contains one of these names only the folder and that file are kept. */
  readonly ifPresent: readonly string[];
  /** The same for a valid CACHEDIR.TAG. */
  readonly cacheTags: boolean;
  readonly largerThanBytes: number | undefined;
  /** Whether the table of defaults applies. */
  readonly defaults: boolean;
  readonly platform: NodeJS.Platform;
  /** The user's home folder. */
  readonly home: string;
}

/** What is left out if the user says nothing. */
export const usualExcludes = (machine: { platform: NodeJS.Platform; home: string }): ExcludeOptions => ({
  patterns: [],
  ignoreFileName: '.backupignore',
  ifPresent: [],
  cacheTags: true,
  largerThanBytes: undefined,
  defaults: true,
  platform: machine.platform,
  home: machine.home,
});

/** What applies within a folder. */
export interface FolderExcludes {
  /** Undefined where no pattern applies, so that nothing is asked. */
  readonly patterns: PatternScope | undefined;
}

/** What the files in a folder say. */
export interface FolderVerdict {
  readonly excludes: FolderExcludes;
  /** The only names to go on with, and by which rule; undefined: all. */
  readonly only: { readonly name: string; readonly rule: ExcludeRule } | undefined;
  readonly problems: readonly FolderFileProblem[];
}
export interface FolderFileProblem {
  /** The file that says something about the folder but cannot be read. */
  readonly name: string;
  /** Node's error code, or words. */
  readonly code: string;
}

export interface RootExcludes {
  /** What applies to the names in the root, before its own files are read. */
  readonly top: FolderExcludes;
  /**
   * Reads what the folder's files say. `folder` is relative to the root, `reached` a path that fs functions take;
   * `above` is what applies to the folder itself.
   */
  enter(folder: string, reached: string, names: readonly string[], above: FolderExcludes): FolderVerdict;
  /** Which rule leaves out this entry of `folder`; `bytes` is a file's size. */
  match(
    folder: string,
    name: string,
    kind: ExcludableKind,
    bytes: number,
    within: FolderExcludes,
  ): ExcludeRule | undefined;
}

export function makeRootExcludes(options: ExcludeOptions, rootPath: string): RootExcludes {
  const ignoreCase = options.platform === 'win32' || options.platform === 'darwin';
  const patterns = options.patterns.map(({ pattern, rule }) => ({
    pattern: patternForRoot(pattern, rootPath, options.home, ignoreCase),
    rule,
  }));
  const makeScope = (): PatternScope => makePatternScope(patterns, ignoreCase);
  const defaults = options.defaults ? makeDefaultMatcher(options) : undefined;
  const sizeRule = makeSizeRule(options.largerThanBytes);
  const slashedRoot = options.platform === 'win32' ? rootPath.replaceAll('\\', '/') : rootPath;
  return {
    top: { patterns: patterns.length === 0 ? undefined : makeScope() },
    enter: (folder, reached, names, above) => readFolderFiles(options, makeScope, { folder, reached, names, above }),
    match(folder, name, kind, bytes, within) {
      const path = (): string => (folder === '' ? name : `${folder}/${name}`);
      const decision = within.patterns?.decide(path(), kind === 'folder');
      if (decision !== undefined && decision !== 'included') return decision;
      if (sizeRule !== undefined && kind === 'file' && bytes > sizeRule.bytesMax) return sizeRule.rule;
      if (decision === 'included') return undefined;
      return defaults?.match(name, kind, bytes, () => joinPath(slashedRoot, path()));
    },
  };
}

function makeSizeRule(bytesMax: number | undefined): { bytesMax: number; rule: ExcludeRule } | undefined {
  if (bytesMax === undefined) return undefined;
  return { bytesMax, rule: { name: `--exclude-larger-than ${bytesMax}`, reason: 'larger than you allow files to be' } };
}

interface FolderToRead {
  readonly folder: string;
  readonly reached: string;
  readonly names: readonly string[];
  readonly above: FolderExcludes;
}

function readFolderFiles(options: ExcludeOptions, makeScope: () => PatternScope, at: FolderToRead): FolderVerdict {
  const problems: FolderFileProblem[] = [];
  const only = findMarker(options, at, problems);
  const name = options.ignoreFileName;
  if (only !== undefined || name === undefined || !at.names.includes(name))
    return { excludes: at.above, only, problems };
  const read = readIgnoreFile(at.reached, name);
  if ('code' in read) {
    problems.push({ name, code: read.code });
    return { excludes: at.above, only, problems };
  }
  const patterns = patternsOfFile(read.bytes, at.folder === '' ? name : `${at.folder}/${name}`);
  const scope = (at.above.patterns ?? makeScope()).extend(at.folder, patterns);
  return { excludes: { patterns: scope }, only, problems };
}

function findMarker(options: ExcludeOptions, at: FolderToRead, problems: FolderFileProblem[]): FolderVerdict['only'] {
  const name = options.ifPresent.find((marker) => at.names.includes(marker));
  if (name !== undefined)
    return { name, rule: { name: `--exclude-if-present ${name}`, reason: 'you asked for it by a file in the folder' } };
  if (!options.cacheTags) return undefined;
  const tag = readCacheTag(at.reached, at.names);
  if (typeof tag === 'object') problems.push({ name: CACHE_TAG, code: tag.code });
  if (tag !== 'valid') return undefined;
  return { name: CACHE_TAG, rule: { name: CACHE_TAG, reason: 'a program has marked the folder as its cache' } };
}
