/**
 * One line of the catalog: a file, folder, symlink or FIFO. Encoding has one form (key order included), so an
 * unchanged entry is the same line and an unchanged page the same bytes.
 */
import * as z from 'zod';
import { damage } from '../errors.ts';
import { isChunkId } from '../ids.ts';
import type { ChunkId } from '../ids.ts';
import { isEscapedPath, pathFromBytes, pathToBytes } from './entry-path.ts';

export type EntryKind = 'file' | 'folder' | 'symlink' | 'fifo';
const KINDS: readonly string[] = ['file', 'folder', 'symlink', 'fifo'] satisfies EntryKind[];

export interface CatalogEntry {
  /** Number of the root in the snapshot's list. */
  readonly root: number;
  /** Relative to the root, `''` for the root itself; bytes that are not UTF-8 escaped as in entry-path.ts. */
  readonly path: string;
  readonly kind: EntryKind;
  /** Permission bits with setuid, setgid and sticky: 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly user?: string;
  readonly group?: string;
  /** Bytes; only files have it. */
  readonly size?: number;
  /** Nanoseconds since 1970, as decimal text. */
  readonly mtime: string;
  readonly ctime: string;
  readonly inode: string;
  /** Only symlinks have it. */
  readonly target?: string;
  /** `<device>:<inode>`, the same for all names of one file. */
  readonly link?: string;
  readonly sparse?: true;
  /** Extended attributes and ACLs: name -> base64. */
  readonly xattrs?: Readonly<Record<string, string>>;
  /** Modified so shortly before it was read that a later change could go unseen: read again next time. */
  readonly racy?: true;
  /** It kept changing while it was read: its bytes may be of several moments. */
  readonly changedWhileRead?: true;
  /** Carried forward from an older snapshot since this time (ISO 8601), for it could not be read. */
  readonly unreadableSince?: string;
  /** Of a file: its chunks in order ... */
  readonly chunks?: readonly ChunkId[];
  /** ... or, above ENTRY_CHUNKS_MAX, chunks that hold the ids, 32 bytes each. */
  readonly lists?: readonly ChunkId[];
}

/** The entry's line, without the LF. */
export function encodeEntry(entry: CatalogEntry): string {
  return JSON.stringify({
    root: entry.root,
    path: encodePath(entry.path),
    kind: entry.kind,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    user: entry.user,
    group: entry.group,
    size: entry.size,
    mtime: entry.mtime,
    ctime: entry.ctime,
    inode: entry.inode,
    target: entry.target === undefined ? undefined : encodePath(entry.target),
    link: entry.link,
    sparse: entry.sparse,
    xattrs: entry.xattrs === undefined ? undefined : inOneOrder(entry.xattrs),
    racy: entry.racy,
    changedWhileRead: entry.changedWhileRead,
    unreadableSince: entry.unreadableSince,
    chunks: entry.chunks,
    lists: entry.lists,
  });
}

/** Systems list attributes in any order: the same attributes must be the same line. */
const inOneOrder = (xattrs: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(xattrs).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Throws OBJECT_DAMAGED; `where` names the page. */
export function decodeEntry(line: string, where: string): CatalogEntry {
  let raw: Record<string, unknown> | null;
  try {
    raw = JSON.parse(line) as Record<string, unknown> | null;
  } catch (cause) {
    throw damage(`${where} is damaged: an entry is not JSON`, { cause });
  }
  if (typeof raw !== 'object' || raw === null) throw damage(`${where} is damaged: an entry is not an object`);
  const problem = problemOf(raw);
  if (problem !== undefined) throw damage(`${where} is damaged: an entry's ${problem} is not valid`);
  raw['path'] = decodePath(raw['path'] as EncodedPath);
  if (raw['target'] !== undefined) raw['target'] = decodePath(raw['target'] as EncodedPath);
  return raw as unknown as CatalogEntry;
}

/** Text, or the hexadecimal digits of the whole path where its bytes are not valid UTF-8. */
export type EncodedPath = string | { readonly hex: string };

export const encodedPathSchema: z.ZodType<EncodedPath> = z.custom<EncodedPath>(isEncodedPath, 'not a path');

export const encodePath = (path: string): EncodedPath =>
  isEscapedPath(path) ? { hex: pathToBytes(path).toString('hex') } : path;

export const decodePath = (path: EncodedPath): string =>
  typeof path === 'string' ? path : pathFromBytes(Buffer.from(path.hex, 'hex'));

function isEncodedPath(value: unknown): value is EncodedPath {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null || !('hex' in value)) return false;
  // A repeated group would overflow the regular expression's stack on a hostile text.
  return typeof value.hex === 'string' && value.hex.length % 2 === 0 && /^[0-9a-f]*$/.test(value.hex);
}

/**
 * Whether a path stays below its root: no empty, `.` or `..` component, no NUL, not absolute. What a device wrote is
 * hostile input to whoever restores it.
 */
export function isSafePath(path: string): boolean {
  if (path === '') return true;
  if (path.includes('\0')) return false;
  if (!path.includes('./') && !path.includes('//') && !path.includes('..') && !path.startsWith('/') && path !== '.')
    return !path.endsWith('/') && !path.endsWith('/.');
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
/** Owners and groups of all systems fit; a larger number would be cut to that of somebody else. */
const isOwner = (value: unknown): boolean => isCount(value) && (value as number) <= 0xffff_ffff;
/** Decimals of 64 bits; those of up to 18 digits need no arithmetic. */
const isSigned = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^-?\d{1,19}$/.test(value) &&
  (value.length < 19 || isWithin(value, -(2n ** 63n), 2n ** 63n));
const isUnsigned = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{1,20}$/.test(value) && (value.length < 19 || isWithin(value, 0n, 2n ** 64n));
const isWithin = (value: string, min: bigint, end: bigint): boolean => BigInt(value) >= min && BigInt(value) < end;
const isText = (value: unknown): boolean => typeof value === 'string';
const isFlag = (value: unknown): boolean => value === true;
const isIds = (value: unknown): boolean =>
  Array.isArray(value) && value.every((id) => typeof id === 'string' && isChunkId(id));
const isXattrs = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isBase64);
const isBase64 = (value: unknown): boolean =>
  typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);

const REQUIRED: readonly [string, (value: unknown) => boolean][] = [
  ['root', isCount],
  ['kind', (value) => KINDS.includes(value as string)],
  ['mode', (value) => isCount(value) && (value as number) <= 0o7777],
  ['uid', isOwner],
  ['gid', isOwner],
  ['mtime', isSigned],
  ['ctime', isSigned],
  ['inode', isUnsigned],
];
/** A map, for an object would answer to `__proto__` and the like. */
const OPTIONAL: ReadonlyMap<string, (value: unknown) => boolean> = new Map(
  Object.entries({
    user: isText,
    group: isText,
    size: isCount,
    target: isEncodedPath,
    link: (value) => typeof value === 'string' && /^\d{1,20}:\d{1,20}$/.test(value),
    sparse: isFlag,
    xattrs: isXattrs,
    racy: isFlag,
    changedWhileRead: isFlag,
    unreadableSince: isText,
    chunks: isIds,
    lists: isIds,
  }),
);

/** The name of the first field that is not valid. Written by hand, for a million entries are checked at each run. */
function problemOf(raw: Record<string, unknown>): string | undefined {
  for (const [field, isValid] of REQUIRED) if (!isValid(raw[field])) return field;
  for (const field in raw) {
    const isValid = OPTIONAL.get(field);
    if (isValid !== undefined && raw[field] !== undefined && !isValid(raw[field])) return field;
  }
  if (!isEncodedPath(raw['path']) || !isSafePath(decodePath(raw['path']))) return 'path';
  if (raw['kind'] === 'file') {
    if (raw['size'] === undefined) return 'size';
    if ((raw['chunks'] === undefined) === (raw['lists'] === undefined)) return 'chunks';
  }
  return raw['kind'] === 'symlink' && raw['target'] === undefined ? 'target' : undefined;
}
