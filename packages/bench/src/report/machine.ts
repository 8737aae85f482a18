import { readFile, statfs } from 'node:fs/promises';
import os from 'node:os';

/** What a figure depends on besides the tools. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** File systems of corpora and repositories, and of restores. */
  readonly workFileSystem: string;
  readonly restoreFileSystem: string;
  /** Processes that wanted to run in the minute before the bench began. */
  readonly loadBefore: number;
}

export interface MachineFolders {
  readonly workFolder: string;
  readonly restoreFolder: string;
}

/** Both folders exist. */
export async function describeMachine({ workFolder, restoreFolder }: MachineFolders): Promise<Machine> {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? os.arch(),
    cores: cpus.length,
    memoryBytes: os.totalmem(),
    system: `${await distribution()} (${os.type()} ${os.release()}, ${os.arch()})`,
    node: process.version,
    workFileSystem: await fileSystemOf(workFolder),
    restoreFileSystem: await fileSystemOf(restoreFolder),
    loadBefore: os.loadavg()[0] ?? 0,
  };
}

async function distribution(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? os.platform();
}

/** Magic numbers of Linux (statfs(2)). */
const FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x01021994, 'tmpfs'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x794c7630, 'overlayfs'],
  [0x2fc12fc1, 'zfs'],
  [0x6969, 'nfs'],
]);

async function fileSystemOf(folder: string): Promise<string> {
  const { type } = await statfs(folder);
  return FILE_SYSTEMS.get(type) ?? `file system of type 0x${type.toString(16)}`;
}
