/**
 * Access control lists on Windows, by `icacls /save` and `/restore`: best effort by its manual. A list that is only
 * inherited from the folder is not stored, for it comes back by itself.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { win32 } from 'node:path';
import type { MetadataProblem, Xattrs, XattrsRead, XattrTools } from './metadata-tools.ts';
import { complaintOf, runTool } from './run-tool.ts';
import type { ToolContext, ToolResult } from './run-tool.ts';

/** The name under which a list is stored; its value is the list in Windows' security descriptor language (SDDL). */
const DACL = 'windows.dacl';

interface WindowsContext extends ToolContext {
  readonly temporaryFolder: string;
}

export const makeWindowsAcls = (context: WindowsContext): XattrTools => ({
  readXattrs: (paths) => readAcls(paths, context),
  writeXattrs: (wanted) => writeAcls(wanted, context),
});

async function readAcls(paths: readonly string[], context: WindowsContext): Promise<XattrsRead> {
  const xattrs = new Map<string, Xattrs>();
  const problems: MetadataProblem[] = [];
  for (const [folder, byName] of groupByFolder(paths)) {
    const [only] = byName.keys();
    const object = win32.join(folder, byName.size === 1 ? (only ?? '') : '*');
    await withTemporaryFile(context, async (file) => {
      const result = await icacls([object, '/save', file, '/C', '/L', '/Q'], context);
      const saved = readSaved(file);
      if (saved === undefined)
        for (const path of byName.values()) problems.push({ path, reason: complaintOf(result, 'icacls') });
      for (const [name, sddl] of saved ?? []) {
        const path = byName.get(name);
        if (path !== undefined && isOwnAcl(sddl))
          xattrs.set(path, { [DACL]: Buffer.from(sddl, 'utf8').toString('base64') });
      }
    });
  }
  return { xattrs, problems };
}

async function writeAcls(
  wanted: ReadonlyMap<string, Xattrs>,
  context: WindowsContext,
): Promise<readonly MetadataProblem[]> {
  const problems: MetadataProblem[] = [];
  const paths = [...wanted].filter(([, xattrs]) => xattrs[DACL] !== undefined).map(([path]) => path);
  for (const [folder, byName] of groupByFolder(paths)) {
    const sddlOf = (path: string): string => Buffer.from(wanted.get(path)?.[DACL] ?? '', 'base64').toString('utf8');
    for (const path of [...byName.values()].filter((listed) => !isOwnAcl(sddlOf(listed)))) {
      problems.push({ path, reason: 'its stored access control list is not valid' });
      byName.delete(win32.basename(path));
    }
    await withTemporaryFile(context, async (file) => {
      writeFileSync(file, formatSaved([...byName].map(([name, path]) => [name, sddlOf(path)])));
      const result = await icacls([folder, '/restore', file, '/C', '/Q'], context);
      // With /C it goes on after a failure and tells only their number, so all of the folder are doubtful.
      if (result.code !== 0)
        for (const path of byName.values()) problems.push({ path, reason: complaintOf(result, 'icacls') });
    });
  }
  return problems;
}

/** Pairs of lines in UTF-16: the name relative to the folder, then its list. */
function readSaved(file: string): Map<string, string> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf16le');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const saved = new Map<string, string>();
  for (let i = 0; i + 1 < lines.length; i += 2) saved.set(lines[i] ?? '', lines[i + 1] ?? '');
  return saved;
}

const formatSaved = (lists: readonly (readonly [string, string])[]): Buffer =>
  Buffer.from(lists.map(([name, sddl]) => `${name}\r\n${sddl}\r\n`).join(''), 'utf16le');

/** Whether the list says anything that the folder's own does not: protected from it, or an entry not inherited. */
function isOwnAcl(sddl: string): boolean {
  const parts = /^D:([A-Z]*)((?:\([^()\r\n]*(?:\([^()\r\n]*\)[^()\r\n]*)*\))*)(?:S:[^\r\n]*)?$/.exec(sddl);
  if (parts === null) return false;
  const [, flags = '', entries = ''] = parts;
  const isOwnEntry = (entry: string): boolean => !/^\([A-Z]+;[A-Z]*ID/.test(entry);
  return (
    flags.replace('AR', '').replace('AI', '').includes('P') || (entries.match(/\([^()]*\)?/g) ?? []).some(isOwnEntry)
  );
}

function groupByFolder(paths: readonly string[]): Map<string, Map<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  for (const path of paths) {
    const folder = win32.dirname(path);
    const group = groups.get(folder) ?? new Map<string, string>();
    groups.set(folder, group.set(win32.basename(path), path));
  }
  return groups;
}

const icacls = (args: readonly string[], context: ToolContext): Promise<ToolResult> =>
  runTool('icacls', args, Buffer.alloc(0), context);

async function withTemporaryFile(context: WindowsContext, use: (file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(context.temporaryFolder, 'acl-'));
  try {
    await use(join(folder, 'acls.txt'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
