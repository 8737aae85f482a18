/**
 * The one port for what Node cannot do: extended attributes, access control lists and FIFOs, by the system's own tools.
 * Paths are absolute, with bytes that are not UTF-8 escaped (entry-path of core). Trouble with a file is a value.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { makeLinuxXattrs } from './linux-xattrs.ts';
import { makeFifos } from './make-fifos.ts';
import { makeMacosXattrs } from './macos-xattrs.ts';
import { makeWindowsAcls } from './windows-acls.ts';

/** Name -> base64 of the value. POSIX ACLs are `system.posix_acl_...`, Windows' ACLs are `windows.dacl`. */
export type Xattrs = Readonly<Record<string, string>>;

export interface MetadataProblem {
  readonly path: string;
  /** In the tool's words. */
  readonly reason: string;
}

export interface XattrsRead {
  /** Only paths that have some. */
  readonly xattrs: ReadonlyMap<string, Xattrs>;
  readonly problems: readonly MetadataProblem[];
}

export interface XattrTools {
  /** Attributes of each path itself, never of what a symlink leads to. A path that has vanished is no problem. */
  readXattrs(paths: readonly string[]): Promise<XattrsRead>;
  /**
   * Sets attributes; others that are there stay. To be called after owner and mode are set (a change of owner drops
   * capabilities, a change of mode rewrites an ACL), also for read-only files. Attributes that only another system
   * knows are left out.
   */
  writeXattrs(wanted: ReadonlyMap<string, Xattrs>): Promise<readonly MetadataProblem[]>;
}

export interface MetadataTools extends XattrTools {
  /** Makes FIFOs that only their owner can open; the folders exist. Something already there is a problem. */
  makeFifos(paths: readonly string[]): Promise<readonly MetadataProblem[]>;
}

export interface ToolMachine {
  readonly platform: NodeJS.Platform;
  /** The value of the variable PATH. */
  readonly searchPath: string;
  readonly isRoot: boolean;
  /** An existing folder for files that live only during a call. */
  readonly temporaryFolder: string;
}

export interface DetectedTools {
  readonly tools: MetadataTools;
  /** What this machine cannot save or restore, a sentence each; to be told once. */
  readonly warnings: readonly string[];
}

const XATTR_TOOLS: Partial<Record<NodeJS.Platform, { programs: readonly string[]; package: string }>> = {
  linux: { programs: ['xargs', 'getfattr', 'setfattr'], package: 'install the package "attr"' },
  darwin: { programs: ['xargs', 'xattr'], package: 'they are part of macOS' },
  win32: { programs: ['icacls'], package: 'it is part of Windows' },
};

/** Looks once which tools there are. What is missing reads nothing, and reports what it should have written. */
export function detectMetadataTools(machine: ToolMachine): DetectedTools {
  const needed = XATTR_TOOLS[machine.platform];
  const missing = needed?.programs.filter((program) => !isThere(program, machine)) ?? [];
  const xattrs = needed === undefined || missing.length > 0 ? absentXattrs(missing) : xattrToolsOf(machine);
  const context = { searchPath: machine.searchPath };
  const tools = { ...xattrs, makeFifos: (paths: readonly string[]) => makeFifos(paths, context) };
  if (needed !== undefined && missing.length === 0) return { tools, warnings: [] };
  const why = needed === undefined ? 'no tool is known for this system' : `${missing.join(' and ')} not found`;
  const advice = needed === undefined ? '' : ` (${needed.package})`;
  return {
    tools,
    warnings: [`extended attributes and access control lists are neither saved nor restored: ${why}${advice}`],
  };
}

function xattrToolsOf(machine: ToolMachine): XattrTools {
  if (machine.platform === 'darwin') return makeMacosXattrs(machine);
  if (machine.platform === 'win32') return makeWindowsAcls(machine);
  return makeLinuxXattrs(machine);
}

function absentXattrs(missing: readonly string[]): XattrTools {
  const reason = missing.length === 0 ? 'this system has no tool for it' : `${missing.join(' and ')} not found`;
  return {
    readXattrs: () => Promise.resolve({ xattrs: new Map(), problems: [] }),
    writeXattrs: (wanted) => Promise.resolve([...wanted.keys()].map((path) => ({ path, reason }))),
  };
}

function isThere(program: string, { platform, searchPath }: ToolMachine): boolean {
  const file = platform === 'win32' ? `${program}.exe` : program;
  return searchPath.split(delimiter).some((folder) => {
    if (folder === '') return false;
    try {
      accessSync(join(folder, file), constants.X_OK);
      return true;
    } catch {
      return false; // Whatever the reason, it cannot be run from here.
    }
  });
}
