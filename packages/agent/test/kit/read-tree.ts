/**
 * Describes a tree on the disk as plain values: two trees are the same if their descriptions are equal.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { comparePaths, pathFromBytes } from '@backup-agent/core';
import { onDisk } from './tree.ts';

/** One entry. What a kind does not have, or the caller left out, is missing. */
export interface TreeEntry {
  kind: 'file' | 'folder' | 'symlink' | 'fifo' | 'other';
  /** Octal, with setuid, setgid and sticky: `'0644'`. Symlinks have none of their own. */
  mode?: string;
  owner?: string;
  /** Microseconds since 1970, rounded: as exactly as Node can set them. */
  mtime?: number;
  size?: number;
  /** The text of a short UTF-8 file, else `sha256:<hex>`. */
  content?: string;
  /** Whether the disk holds clearly fewer bytes than the file has. */
  holes?: true;
  target?: string;
  /** The first path of the other names of the same file in this tree. */
  sameFileAs?: string;
  /** `getfattr`'s lines of the user and ACL attributes. */
  xattrs?: string[];
}

export interface ReadTreeOptions {
  /** Fields that do not matter here, for example `['owner', 'mtime']`. */
  readonly without?: readonly (keyof TreeEntry)[];
  /** Extended attributes and ACLs too (Linux with `getfattr`). */
  readonly xattrs?: boolean;
  /** The top folder itself too, as path `''`. */
  readonly top?: boolean;
}

const SHORT_TEXT_BYTES_MAX = 200;

/** Path from the top -> description, in the catalog's order. */
export function readTree(top: string, options: ReadTreeOptions = {}): Record<string, TreeEntry> {
  const firstNames = new Map<string, string>();
  const described: Record<string, TreeEntry> = {};
  for (const at of listTree(top)) {
    if (at === '' && options.top !== true) continue;
    const entry = describe(top, at, firstNames);
    if (options.xattrs === true) entry.xattrs = readXattrs(top, at);
    for (const field of options.without ?? []) delete entry[field];
    described[at] = entry;
  }
  return described;
}

/** All paths of a tree, the top as `''`, in the catalog's order. */
export function listTree(top: string): string[] {
  const paths = [''];
  const visit = (at: string): void => {
    for (const bytes of fs.readdirSync(onDisk(top, at), { encoding: 'buffer' })) {
      const child = at === '' ? pathFromBytes(bytes) : `${at}/${pathFromBytes(bytes)}`;
      paths.push(child);
      if (fs.lstatSync(onDisk(top, child)).isDirectory()) visit(child);
    }
  };
  visit('');
  return paths.sort(comparePaths);
}

function describe(top: string, at: string, firstNames: Map<string, string>): TreeEntry {
  const place = onDisk(top, at);
  const stat = fs.lstatSync(place, { bigint: true });
  const entry: TreeEntry = {
    kind: kindOf(stat),
    mode: (Number(stat.mode) & 0o7777).toString(8).padStart(4, '0'),
    owner: `${stat.uid}:${stat.gid}`,
    mtime: Number((stat.mtimeNs + 500n) / 1000n),
  };
  if (entry.kind === 'symlink') {
    delete entry.mode;
    entry.target = pathFromBytes(fs.readlinkSync(place, { encoding: 'buffer' }));
  }
  if (entry.kind === 'file') Object.assign(entry, contentOf(place, stat));
  if (entry.kind !== 'folder' && stat.nlink > 1n) {
    const id = `${stat.dev}:${stat.ino}`;
    const first = firstNames.get(id);
    if (first === undefined) firstNames.set(id, at);
    else entry.sameFileAs = first;
  }
  return entry;
}

function contentOf(place: Buffer, stat: fs.BigIntStats): Partial<TreeEntry> {
  const bytes = fs.readFileSync(place);
  const text = bytes.toString('utf8');
  const isShortText = bytes.length <= SHORT_TEXT_BYTES_MAX && Buffer.from(text).equals(bytes);
  return {
    size: Number(stat.size),
    content: isShortText ? text : `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    // Rounding up to blocks and preallocation never make a file look emptier, so half is a safe border.
    ...(stat.size >= 65_536n && stat.blocks * 512n * 2n < stat.size ? { holes: true as const } : {}),
  };
}

function kindOf(stat: fs.BigIntStats): TreeEntry['kind'] {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'folder';
  if (stat.isSymbolicLink()) return 'symlink';
  return stat.isFIFO() ? 'fifo' : 'other';
}

function readXattrs(top: string, at: string): string[] {
  const options = ['-h', '-d', '-m', '^(user\\.|system\\.posix_acl)', '-e', 'base64', '--absolute-names', '--'];
  const text = execFileSync('xargs', ['-0', 'getfattr', ...options], { input: onDisk(top, at) }).toString('latin1');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('# file:'));
}
