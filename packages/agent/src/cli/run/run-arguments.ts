/** The arguments of `run`. */
import type { ArgumentSpecs } from '../define-command.ts';

export const RUN_ARGS = {
  folder: {
    type: 'positional',
    count: 'rest',
    describe: 'folders, files or patterns (default: the configured sources)',
  },
  filesFrom: {
    type: 'list',
    value: 'file',
    describe: 'back up the paths in this file, one a line; "-" is standard input',
  },
  exclude: { type: 'list', value: 'pattern', describe: 'leave out what this pattern in .gitignore syntax matches' },
  excludeFile: { type: 'list', value: 'file', describe: 'the same for the patterns in this file' },
  excludeIfPresent: { type: 'list', value: 'name', describe: 'leave out folders that contain a file of this name' },
  excludeLargerThan: { type: 'bytes', value: 'size', describe: 'leave out larger files, for instance 500M or 1.5GiB' },
  noDefaultExcludes: { type: 'flag', describe: 'keep caches, trash and other things that are left out by default' },
  oneFileSystem: { type: 'flag', describe: 'stay on the file system of each folder (the default)' },
  crossFileSystems: { type: 'flag', describe: 'go on to other file systems mounted within the folders' },
  tag: { type: 'list', value: 'text', describe: 'attach a word to the snapshot' },
  dryRun: { type: 'flag', describe: 'read and compress, but store nothing, and tell what would be stored' },
  force: { type: 'flag', describe: 'read every file, whether it looks changed or not' },
  ignoreInode: { type: 'flag', describe: 'for network shares: another inode number is no change' },
  ignoreCtime: { type: 'flag', describe: 'for network shares: another change time is no change' },
  concurrency: { type: 'number', value: 'n', min: 1, max: 64, describe: 'threads that read and compress' },
  noExtraVerify: { type: 'flag', describe: 'do not decompress and check each segment before it is uploaded' },
  noMaintain: { type: 'flag', describe: 'local repositories: no maintenance after the backup' },
} as const satisfies ArgumentSpecs;
