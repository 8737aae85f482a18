/**
 * Walks roots synchronously, in the catalog's order: roots by number, names sorted by their bytes, a folder before its
 * content. Symlinks are recorded and never followed, except a root that is given as one: it is resolved once, at the
 * start. Runs in a worker thread, for it blocks.
 */
import * as fs from 'node:fs';
import { compareNames, pathFromBytes } from '@backup-agent/core';
import { FOLDER_PATH_BYTES_MAX, fsPath, isLongerThan, openFolder } from '../system/long-paths.ts';
import type { OpenedFolder } from '../system/long-paths.ts';
import { kindOfMode } from './batch-format.ts';
import type { StatNumbers } from './batch-format.ts';
import { wordsOfCode } from './error-words.ts';
import { makeRootExcludes } from './excludes/excludes.ts';
import type { FolderExcludes, RootExcludes } from './excludes/excludes.ts';
import type { ExcludeRule } from './excludes/rule.ts';
import type { SkipReason, WalkItem } from './walked-entry.ts';
import type { WalkOptions } from './walk-options.ts';

/** Where the walker tells what it finds. */
export interface WalkSink {
  beginRoot(number: number, rootPath: string): void;
  entry(depth: number, name: string, stat: StatNumbers, target: string | undefined): void;
  item(item: Exclude<WalkItem, { type: 'entry' }>): void;
  endRoot(): void;
}

export function walkRoots(roots: readonly string[], options: WalkOptions, sink: WalkSink): void {
  for (const [number, root] of roots.entries()) new RootWalk(root, options, sink).walk(number);
}

/** A folder being walked. */
interface Frame {
  /** Relative to the root. */
  readonly path: string;
  /** What stands before a name in calls to the system: the folder's path and a separator. */
  readonly reached: string;
  readonly depth: number;
  readonly names: readonly string[];
  readonly excludes: FolderExcludes;
  /** Open where the folder is addressed by its descriptor. */
  readonly opened: OpenedFolder | undefined;
  next: number;
}

interface Visited {
  readonly path: string;
  readonly name: string;
  readonly reached: string;
  readonly depth: number;
  readonly stat: fs.BigIntStats;
}

class RootWalk {
  readonly #rootPath: string;
  readonly #options: WalkOptions;
  readonly #sink: WalkSink;
  readonly #excludes: RootExcludes;
  readonly #leaveOut: ReadonlySet<bigint>;
  readonly #excluded = new Map<string, { rule: ExcludeRule; entries: number }>();
  readonly #frames: Frame[] = [];
  #device = 0n;
  #isFolder = false;

  constructor(root: string, options: WalkOptions, sink: WalkSink) {
    this.#rootPath = resolveRoot(root);
    this.#options = options;
    this.#sink = sink;
    this.#excludes = makeRootExcludes(options.excludes, this.#rootPath);
    this.#leaveOut = new Set(options.leaveOut.map(({ inode }) => inode));
  }

  walk(number: number): void {
    this.#sink.beginRoot(number, this.#rootPath);
    try {
      this.#visitRoot();
      for (let frame; (frame = this.#frames.at(-1)) !== undefined;) {
        const name = frame.names[frame.next++];
        if (name === undefined) this.#leave();
        else this.#visit(frame, name);
      }
    } finally {
      while (this.#frames.length > 0) this.#leave(); // Only when the walk was stopped; descriptors must not stay open.
    }
    // What was known and has not been met was on a disk that is not there any more: it is not deleted.
    if (this.#hasVanished()) this.#unreadable('', 'content', 'ENOENT');
    for (const { rule, entries } of this.#excluded.values())
      this.#sink.item({ type: 'excluded', rule: rule.name, reason: rule.reason, entries });
    this.#sink.endRoot();
  }

  #leave(): void {
    this.#frames.pop()?.opened?.close();
  }

  #visitRoot(): void {
    const reached = this.#rootPath;
    const stat = statOf(reached);
    if (stat === undefined) return this.#unreadable('', 'entry', 'ENOENT');
    if (typeof stat === 'string') return this.#unreadable('', 'entry', stat);
    this.#device = stat.dev;
    this.#isFolder = stat.isDirectory();
    this.#tell({ path: '', name: '', reached, depth: 0, stat }, this.#excludes.top);
  }

  #visit(frame: Frame, name: string): void {
    const reached = frame.reached + name;
    const stat = statOf(reached);
    if (stat === undefined) return this.#gone(childPath(frame.path, name));
    const kind = typeof stat === 'string' ? 'folder' : kindOfMode(Number(stat.mode));
    const excludable = kind === 'file' || kind === 'folder' ? kind : 'other';
    const bytes = kind === 'file' && typeof stat !== 'string' ? Number(stat.size) : 0;
    const rule = this.#excludes.match(frame.path, name, excludable, bytes, frame.excludes);
    if (rule !== undefined) return this.#exclude(rule, childPath(frame.path, name));
    if (typeof stat === 'string') return this.#unreadable(childPath(frame.path, name), 'entry', stat);
    if (kind === 'file') return this.#sink.entry(frame.depth + 1, name, stat, undefined);
    const visited = { path: childPath(frame.path, name), name, reached, depth: frame.depth + 1, stat };
    this.#tell(visited, frame.excludes);
  }

  /** Tells what is not an ordinary file, or the root. */
  #tell(visited: Visited, excludes: FolderExcludes): void {
    const kind = kindOfMode(Number(visited.stat.mode));
    switch (kind) {
      case 'folder':
        return this.#enter(visited, excludes);
      case 'symlink':
        return this.#tellSymlink(visited);
      case 'file':
      case 'fifo':
        return this.#sink.entry(visited.depth, visited.name, visited.stat, undefined);
      default:
        return this.#skip(visited.path, kind);
    }
  }

  #tellSymlink({ path, name, reached, depth, stat }: Visited): void {
    const target = attempt(() => readTarget(reached));
    // EINVAL: something else has taken the symlink's place since.
    if (isVanished(target) || target === 'EINVAL') this.#gone(path);
    else if (typeof target === 'string') this.#unreadable(path, 'entry', target);
    else this.#sink.entry(depth, name, stat, target.value);
  }

  /** Lists a folder and goes on with what is in it. */
  #enter(visited: Visited, above: FolderExcludes): void {
    const { path, name, reached, depth, stat } = visited;
    if (this.#leaveOut.has(stat.ino) && this.#isOwn(stat)) return this.#skip(path, 'own folder');
    if (this.#options.oneFileSystem && stat.dev !== this.#device) {
      this.#sink.entry(depth, name, stat, undefined);
      return this.#skip(path, 'other file system');
    }
    const names = attempt(() => listNames(reached));
    if (isVanished(names)) return this.#gone(path);
    this.#sink.entry(depth, name, stat, undefined);
    if (typeof names === 'string') return this.#unreadable(path, 'content', names);
    const opened = attempt(() => shorten(reached));
    if (typeof opened === 'string') return this.#unreadable(path, 'content', opened);
    const shortPath = opened.value?.path ?? reached;
    this.#frames.push({
      path,
      reached: shortPath.endsWith('/') ? shortPath : `${shortPath}/`,
      depth,
      ...this.#obeyFolderFiles(path, shortPath, names.value, above),
      opened: opened.value,
      next: 0,
    });
  }

  /** What the files in the folder leave of its names. */
  #obeyFolderFiles(
    path: string,
    reached: string,
    names: readonly string[],
    above: FolderExcludes,
  ): Pick<Frame, 'names' | 'excludes'> {
    const { excludes, only, problems } = this.#excludes.enter(path, reached, names, above);
    for (const { name, code } of problems)
      this.#sink.item({ type: 'not obeyed', path: childPath(path, name), reason: wordsOfCode(code) });
    if (only === undefined) return { names, excludes };
    this.#count(only.rule, names.length - 1);
    if (path === '' || this.#options.tellExcluded)
      this.#sink.item({ type: 'skipped', path, reason: 'excluded', rule: only.rule.name });
    return { names: [only.name], excludes };
  }

  #isOwn(stat: fs.BigIntStats): boolean {
    return this.#options.leaveOut.some(({ device, inode }) => device === stat.dev && inode === stat.ino);
  }

  #exclude(rule: ExcludeRule, path: string): void {
    this.#count(rule, 1);
    if (this.#options.tellExcluded) this.#sink.item({ type: 'skipped', path, reason: 'excluded', rule: rule.name });
  }

  #count(rule: ExcludeRule, entries: number): void {
    const total = this.#excluded.get(rule.name);
    if (total === undefined) this.#excluded.set(rule.name, { rule, entries });
    else total.entries += entries;
  }

  #skip(path: string, reason: SkipReason): void {
    this.#sink.item({ type: 'skipped', path, reason });
  }

  /** Deleted since its folder was listed; or its whole root is away, and then the walk ends: no more can be known. */
  #gone(path: string): void {
    if (this.#hasVanished()) while (this.#frames.length > 0) this.#leave();
    else if (path === '') this.#unreadable('', 'entry', 'ENOENT');
    else this.#sink.item({ type: 'gone', path });
  }

  /**
   * Whether the root was a folder and is not any more, or lies on another device: a disk was unplugged or unmounted.
   * Inode numbers do not tell: some network drives give a folder another one from time to time.
   */
  #hasVanished(): boolean {
    if (!this.#isFolder) return false;
    const stat = statOf(this.#rootPath);
    return typeof stat !== 'object' || !stat.isDirectory() || stat.dev !== this.#device;
  }

  #unreadable(path: string, lost: 'entry' | 'content', code: string): void {
    this.#sink.item({ type: 'unreadable', path, lost, code, reason: wordsOfCode(code) });
  }
}

const childPath = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

/** Where a root really is, if it is a symlink; one that leads nowhere stays as it is. */
function resolveRoot(root: string): string {
  const resolved = attempt(() => {
    if (!fs.lstatSync(fsPath(root)).isSymbolicLink()) return root;
    return pathFromBytes(fs.realpathSync.native(fsPath(root), { encoding: 'buffer' }));
  });
  return typeof resolved === 'string' ? root : resolved.value;
}

const STAT_OPTIONS = { bigint: true, throwIfNoEntry: false } as const;

/** Undefined if there is no such thing any more; a code if the system does not tell. */
function statOf(reached: string): fs.BigIntStats | string | undefined {
  try {
    return fs.lstatSync(fsPath(reached), STAT_OPTIONS);
  } catch (error) {
    return codeOf(error);
  }
}

/** A folder's names sorted by their bytes; those that are not UTF-8 escaped. */
function listNames(reached: string): readonly string[] {
  const path = fsPath(reached);
  let names = fs.readdirSync(path);
  // What Node cannot decode it replaces by U+FFFD, and the file is then not found by that name.
  if (names.some((name) => name.includes('\uFFFD')))
    names = fs.readdirSync(path, { encoding: 'buffer' }).map(pathFromBytes);
  for (let i = 1; i < names.length; i++)
    if (compareNames(names[i - 1] as string, names[i] as string) > 0) return names.sort(compareNames);
  return names;
}

function readTarget(reached: string): string {
  const target = fs.readlinkSync(fsPath(reached));
  if (!target.includes('\uFFFD')) return target;
  return pathFromBytes(fs.readlinkSync(fsPath(reached), { encoding: 'buffer' }));
}

/** Opens a folder whose path leaves too little room for names in it, where the system can address it then. */
const shorten = (reached: string): OpenedFolder | undefined =>
  process.platform === 'linux' && isLongerThan(reached, FOLDER_PATH_BYTES_MAX) ? openFolder(reached) : undefined;

/** The value, or the code of the system's error. */
function attempt<T>(action: () => T): { readonly value: T } | string {
  try {
    return { value: action() };
  } catch (error) {
    return codeOf(error);
  }
}

const isVanished = (result: unknown): boolean => result === 'ENOENT' || result === 'ENOTDIR';

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && 'syscall' in error) return String(error.code);
  throw error;
}
