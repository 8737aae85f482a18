/**
 * Trees as literals. `writeTree` makes one on the disk, `readTree` describes one so that two can be compared with
 * `toEqual`. Names and paths are strings in which a byte that is not UTF-8 stands as a lone surrogate
 * (`'caf\udce9.txt'`), as everywhere in the agent.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { onTestFinished } from 'vitest';
import { pathToBytes } from '@backup-agent/core';

/** What a name stands for: text or bytes are a file, a plain object is a folder, the rest is made by functions. */
export type TreeNode = string | Uint8Array | TreeSpecial | TreeLiteral;
export interface TreeLiteral {
  readonly [name: string]: TreeNode;
}

export interface NodeOptions {
  /** Permission bits, 0..0o7777. */
  readonly mode?: number;
  /** Seconds since 1970; fractions are kept to about a microsecond. */
  readonly mtime?: number;
  /** Extended attributes by full name (`user.comment`); Linux with `setfattr` only. */
  readonly xattrs?: Readonly<Record<string, string>>;
  /** What `setfacl -m` takes (`u:1:r`); Linux with `setfacl` only. */
  readonly acl?: string;
}

const SPECIAL = Symbol('special');
type Special =
  | { readonly type: 'file'; readonly content: string | Uint8Array }
  | { readonly type: 'sparse'; readonly bytes: number; readonly data: Readonly<Record<number, string>> }
  | { readonly type: 'folder'; readonly children: TreeLiteral }
  | { readonly type: 'symlink'; readonly target: string }
  | { readonly type: 'fifo' }
  | { readonly type: 'hard-link'; readonly to: string };
export interface TreeSpecial {
  readonly [SPECIAL]: Special;
  readonly options: NodeOptions;
}

const special = (node: Special, options: NodeOptions): TreeSpecial => ({ [SPECIAL]: node, options });

export const file = (content: string | Uint8Array, options: NodeOptions = {}): TreeSpecial =>
  special({ type: 'file', content }, options);
/** A file of `bytes` bytes that is a hole except for `data`: offset -> text. */
export const sparse = (bytes: number, data: Readonly<Record<number, string>> = {}, options: NodeOptions = {}) =>
  special({ type: 'sparse', bytes, data }, options);
export const folder = (children: TreeLiteral, options: NodeOptions = {}): TreeSpecial =>
  special({ type: 'folder', children }, options);
export const symlink = (target: string, options: Pick<NodeOptions, 'mtime'> = {}): TreeSpecial =>
  special({ type: 'symlink', target }, options);
export const fifo = (options: NodeOptions = {}): TreeSpecial => special({ type: 'fifo' }, options);
/** Another name of a file of this tree; `to` is its path from the top. */
export const hardLink = (to: string): TreeSpecial => special({ type: 'hard-link', to }, {});

/** A new empty folder, removed after the test whatever is in it. */
export function temporaryFolder(): string {
  const made = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'backup-agent-test-')));
  onTestFinished(() => removeTree(made));
  return made;
}

/** Removes a tree with all that is in it: folders without permissions and paths longer than the system takes, too. */
export function removeTree(folderPath: string): void {
  if (process.platform === 'win32') return fs.rmSync(folderPath, { recursive: true, force: true });
  if (process.getuid?.() !== 0) execFileSync('chmod', ['-R', 'u+rwX', folderPath], { stdio: 'ignore' });
  execFileSync('rm', ['-rf', folderPath]); // Unlike Node it walks by descriptors, so no path is too long.
}

/** Makes the tree in `top` (made if missing): content first, then hard links, then modes and times, deepest first. */
export function writeTree(top: string, tree: TreeLiteral): void {
  fs.mkdirSync(top, { recursive: true });
  const nodes = [...flatten(tree, '')];
  for (const [at, node] of nodes) if (node[SPECIAL].type !== 'hard-link') create(top, at, node[SPECIAL]);
  for (const [at, node] of nodes) {
    const what = node[SPECIAL];
    if (what.type === 'hard-link') fs.linkSync(onDisk(top, what.to), onDisk(top, at));
  }
  for (const [at, node] of nodes.reverse()) applyOptions(onDisk(top, at), node);
}

/** The path to give to Node's fs functions: a Buffer, for it need not be UTF-8. */
export const onDisk = (top: string, at: string): Buffer => pathToBytes(at === '' ? top : `${top}/${at}`);

/** A chain of folders, each in the one before, of any length; the last one holds `files`. Linux only. */
export function writeDeepTree(top: string, names: readonly string[], files: Readonly<Record<string, string>>): void {
  let parent = fs.openSync(top, 'r');
  for (const name of names) {
    const here = pathToBytes(`/proc/self/fd/${parent}/${name}`);
    fs.mkdirSync(here);
    const next = fs.openSync(here, 'r');
    fs.closeSync(parent);
    parent = next;
  }
  for (const [name, content] of Object.entries(files))
    fs.writeFileSync(pathToBytes(`/proc/self/fd/${parent}/${name}`), content);
  fs.closeSync(parent);
}

function* flatten(tree: TreeLiteral, above: string): Generator<[string, TreeSpecial]> {
  for (const [name, node] of Object.entries(tree)) {
    const at = above === '' ? name : `${above}/${name}`;
    const made = asSpecial(node);
    yield [at, made];
    const what = made[SPECIAL];
    if (what.type === 'folder') yield* flatten(what.children, at);
  }
}

function asSpecial(node: TreeNode): TreeSpecial {
  if (typeof node === 'string' || node instanceof Uint8Array) return file(node);
  return SPECIAL in node ? node : folder(node);
}

function create(top: string, at: string, what: Special): void {
  const place = onDisk(top, at);
  if (what.type === 'file') fs.writeFileSync(place, what.content);
  if (what.type === 'folder') fs.mkdirSync(place, { recursive: true });
  if (what.type === 'symlink') fs.symlinkSync(pathToBytes(what.target), place);
  if (what.type === 'fifo') execFileSync('xargs', ['-0', 'mkfifo', '--'], { input: place });
  if (what.type === 'sparse') {
    const descriptor = fs.openSync(place, 'w');
    fs.ftruncateSync(descriptor, what.bytes);
    for (const [offset, text] of Object.entries(what.data)) fs.writeSync(descriptor, text, Number(offset));
    fs.closeSync(descriptor);
  }
}

function applyOptions(place: Buffer, node: TreeSpecial): void {
  const { mode, mtime, xattrs, acl } = node.options;
  const tool = (name: string, args: readonly string[]) =>
    execFileSync('xargs', ['-0', name, ...args], { input: place });
  for (const [name, value] of Object.entries(xattrs ?? {})) tool('setfattr', ['-h', '-n', name, '-v', value, '--']);
  if (mode !== undefined) fs.chmodSync(place, mode);
  if (acl !== undefined) tool('setfacl', ['-m', acl, '--']);
  if (mtime !== undefined) fs.lutimesSync(place, mtime, mtime);
}
