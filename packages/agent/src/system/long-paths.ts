/**
 * Paths below a root as the system's calls take them: bytes where they are not UTF-8, and on Linux also longer than
 * one call accepts. Node has no openat(), but `/proc/self/fd/<n>/name` means the same: name, in an opened folder.
 */
import * as fs from 'node:fs';
import { isNodeError, pathToBytes } from '@backup-agent/core';

/** Linux' PATH_MAX is 4,096 with the terminating NUL; what is longer fails with ENAMETOOLONG. */
const PATH_BYTES_MAX = 4_095;
/**
 * Folders with longer paths are opened and their content is addressed through the descriptor: leaves room for any name,
 * and looking up a thousand folders for each call would be slow.
 */
export const FOLDER_PATH_BYTES_MAX = 1_500;
/** Linux' own O_PATH, which Node does not name: a descriptor that needs no permission to read the folder. */
const O_PATH = 0o10_000_000;

const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
const O_NOATIME = (fs.constants as Partial<typeof fs.constants>).O_NOATIME ?? 0;

/** What Node's fs functions take for a path whose non-UTF-8 bytes are escaped (entry-path of core). */
export const fsPath = (path: string): string | Buffer => (path.isWellFormed() ? path : pathToBytes(path));

/**
 * The absolute path of an entry: `path` is relative to the root, `''` the root itself. Always with `/`, which Windows
 * takes as well; a backslash at the end of the root is a separator there, but part of a name elsewhere.
 */
export function joinPath(rootPath: string, path: string): string {
  if (path === '') return rootPath;
  return rootPath.endsWith('/') ? rootPath + path : `${rootPath}/${path}`;
}

/** Whether the path has more UTF-8 bytes than `bytesMax`. */
export const isLongerThan = (path: string, bytesMax: number): boolean =>
  path.length > bytesMax || (path.length * 3 > bytesMax && Buffer.byteLength(path) > bytesMax);

/** Whether one call does not take the path, and there is a way to shorten it. */
export const isTooLong = (path: string): boolean => process.platform === 'linux' && isLongerThan(path, PATH_BYTES_MAX);

export interface OpenedFolder {
  /** Short, and stands for the same folder whatever is renamed meanwhile. */
  readonly path: string;
  /** Must be called, once. */
  close(): void;
}

/** Opens a folder only to address what is in it; ENOTDIR if it is a symlink. Linux only. */
export const openFolder = (path: string): OpenedFolder => openedFolder(path, O_NOFOLLOW);

function openedFolder(path: string, flags: number): OpenedFolder {
  const descriptor = fs.openSync(fsPath(path), O_PATH | O_DIRECTORY | flags);
  return { path: `/proc/self/fd/${descriptor}`, close: () => fs.closeSync(descriptor) };
}

export interface ReachedPath {
  /** For any fs function of this process, until `close`. */
  readonly path: string | Buffer;
  /** Must be called, once. */
  close(): void;
}

/**
 * A form of `<rootPath>/<path>` that every fs function of this process takes, however long it is (on Linux with /proc;
 * elsewhere a path too long stays so and the call that uses it fails with ENAMETOOLONG). Works for names that do not
 * exist yet. The root may be a symlink. Throws Node's own errors if a folder above the name cannot be opened.
 */
export function reachPath(rootPath: string, path: string): ReachedPath {
  const reached = reach(rootPath, path);
  return { path: fsPath(reached.path), close: () => reached.close() };
}

/** The same for an absolute path that another program of the same user shall take; its bytes are escaped still. */
export function reachForTool(path: string): OpenedFolder {
  const reached = reach('/', path.slice(1));
  return { path: reached.path.replace(/^\/proc\/self\//, `/proc/${process.pid}/`), close: () => reached.close() };
}

function reach(rootPath: string, path: string): OpenedFolder {
  const whole = joinPath(rootPath, path);
  if (!isTooLong(whole)) return { path: whole, close: () => {} };
  let folder = openedFolder(rootPath, 0);
  const steps = stepsOf(path);
  const last = steps.pop() ?? '';
  for (const step of steps) {
    const above = folder;
    try {
      folder = openFolder(`${above.path}/${step}`);
    } finally {
      above.close();
    }
  }
  return { path: `${folder.path}/${last}`, close: () => folder.close() };
}

/**
 * Opens a file for reading, never through a symlink at its end (ELOOP), without updating its access time where that is
 * permitted, and without blocking should a FIFO have taken the file's place: the caller checks by fstat that it is the
 * regular file it expects. Returns a descriptor that the caller closes. Throws Node's own errors.
 */
export function openForReading(rootPath: string, path: string): number {
  const reached = reachPath(rootPath, path);
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  try {
    return fs.openSync(reached.path, flags | O_NOATIME);
  } catch (error) {
    // Only a file's owner and root may leave the access time alone.
    if (O_NOATIME !== 0 && isNodeError(error, 'EPERM')) return fs.openSync(reached.path, flags);
    throw error;
  } finally {
    reached.close();
  }
}

/** The path cut at slashes into pieces that one call takes each. */
function stepsOf(path: string): string[] {
  const steps: string[] = [];
  let piece = '';
  for (const name of path.split('/')) {
    const longer = piece === '' ? name : `${piece}/${name}`;
    if (piece !== '' && isLongerThan(longer, FOLDER_PATH_BYTES_MAX)) {
      steps.push(piece);
      piece = name;
    } else {
      piece = longer;
    }
  }
  return [...steps, piece];
}
