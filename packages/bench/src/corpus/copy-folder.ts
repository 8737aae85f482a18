import { cp, lstat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { walkTree } from './walk-tree.ts';

/** Copies files, folders and symlinks with modes and times; sockets, devices and pipes are left out. */
export async function copyFolder(source: string, target: string): Promise<void> {
  await cp(source, target, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    filter: async (from) => {
      const found = await lstat(from);
      return found.isFile() || found.isDirectory() || found.isSymbolicLink();
    },
  });
  // Copying into a folder changes its time, so folders get theirs when all is there.
  const folders = [...walkTree(target)].filter((entry) => entry.kind === 'folder').map((entry) => entry.name);
  for (const name of ['', ...folders]) {
    const { atime, mtime } = await lstat(path.join(source, name));
    await utimes(path.join(target, name), atime, mtime);
  }
}
