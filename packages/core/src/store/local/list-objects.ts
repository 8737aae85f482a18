/**
 * Listing by a walk. It is synchronous, which is several times quicker than promises, and lets others have their turn
 * after every few hundred files.
 */
import { lstatSync, opendirSync } from 'node:fs';
import type { Dir, Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isNodeError } from '../../errors.ts';
import { sortByKey, sortNames } from '../key-order.ts';
import type { Listing, ObjectInfo } from '../ports.ts';
import type { Folders } from './folders.ts';
import { splitPrefix } from './key-path.ts';
import { storeTime, TEMPORARY_FOLDER } from './temporary-files.ts';

const ENTRIES_PER_TURN = 256;
const ENTRIES_PER_READ = 1024;

interface ListDeps {
  readonly folders: Folders;
  readonly signal: AbortSignal | undefined;
}

export async function listObjects(prefix: string, { folders, signal }: ListDeps): Promise<Listing> {
  const began = await timeIfWritable(folders);
  const objects: ObjectInfo[] = [];
  let entries = 0;
  for (const object of walk(placeOf(prefix, folders.root))) {
    if (object !== undefined) objects.push(object);
    entries += 1;
    if (entries % ENTRIES_PER_TURN !== 0) continue;
    await nextTurn();
    signal?.throwIfAborted();
  }
  sortByKey(objects);
  const ended = began === undefined ? undefined : await timeIfWritable(folders);
  const known = latestTime(folders.root, objects);
  return { objects, began: began ?? known, ended: ended ?? began ?? known };
}

/** The names of the folders under the prefix that hold an object: the removal of objects leaves empty ones behind. */
export async function listFolders(prefix: string, { folders, signal }: ListDeps): Promise<string[]> {
  const place = placeOf(prefix, folders.root);
  const names: string[] = [];
  for (const entry of entriesOf(place.path)) {
    if (!entry.isDirectory() || isTemporary(place.prefix, entry.name)) continue;
    const folder = { path: join(place.path, entry.name), prefix: `${place.prefix}${entry.name}/`, nameStart: '' };
    if (holdsObject(folder)) names.push(entry.name);
    await nextTurn();
    signal?.throwIfAborted();
  }
  return sortNames(names);
}

function holdsObject(folder: Place): boolean {
  for (const object of walk(folder)) if (object !== undefined) return true;
  return false;
}

/** A folder to be looked through, and what the names in it that count begin with. */
interface Place {
  readonly path: string;
  /** What the keys in it begin with: empty, or ending with `/`. */
  readonly prefix: string;
  readonly nameStart: string;
}

function placeOf(prefix: string, root: string): Place {
  const { parents, nameStart } = splitPrefix(prefix);
  return { path: join(root, ...parents), prefix: parents.map((name) => `${name}/`).join(''), nameStart };
}

const isTemporary = (prefix: string, name: string): boolean =>
  prefix === `${TEMPORARY_FOLDER}/` || `${prefix}${name}` === TEMPORARY_FOLDER;

/** Every object under the place, in no order, and undefined for every other entry passed. */
function* walk(top: Place): Generator<ObjectInfo | undefined> {
  const pending = [top];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of entriesOf(folder.path)) {
      yield undefined;
      if (!entry.name.startsWith(folder.nameStart)) continue;
      const [path, key] = [join(folder.path, entry.name), `${folder.prefix}${entry.name}`];
      if (isTemporary(folder.prefix, entry.name)) continue;
      if (entry.isDirectory()) pending.push({ path, prefix: `${key}/`, nameStart: '' });
      else if (entry.isFile()) yield infoOf(key, lstatSync(path, { throwIfNoEntry: false }));
    }
  }
}

/** The entries of a folder as they are read; none if it does not exist, or no longer. */
function* entriesOf(path: string): Generator<NonNullable<ReturnType<Dir['readSync']>>> {
  const folder = openFolder(path);
  if (folder === undefined) return;
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) yield entry;
  } finally {
    folder.closeSync();
  }
}

function openFolder(path: string): Dir | undefined {
  try {
    return opendirSync(path, { bufferSize: ENTRIES_PER_READ });
  } catch (error) {
    if (isNodeError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function infoOf(key: string, stats: Stats | undefined): ObjectInfo | undefined {
  if (stats?.isFile() !== true) return undefined; // Removed since the folder was read.
  return { key, bytes: stats.size, modified: stats.mtime, etag: undefined, storageClass: undefined };
}

/** A repository that cannot be written to, or whose disk is full, can still be read. */
async function timeIfWritable(folders: Folders): Promise<Date | undefined> {
  try {
    return await storeTime(folders);
  } catch (error) {
    if (isNodeError(error, 'EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT')) return undefined;
    throw error;
  }
}

/** The latest time that the store has shown: what is known of its clock where no file can be made. */
function latestTime(root: string, objects: readonly ObjectInfo[]): Date {
  let latest = lstatSync(root).mtime;
  for (const { modified } of objects) if (modified > latest) latest = modified;
  return latest;
}
