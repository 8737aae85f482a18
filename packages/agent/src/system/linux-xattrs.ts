/**
 * Extended attributes and POSIX ACLs on Linux, by getfattr and setfattr. Saved are the user's own attributes, ACLs and,
 * by root, file capabilities. Left out are what the machine itself gives again or refuses to take from anybody:
 * security labels (SELinux, IMA, EVM), `trusted.*` (workings of overlay file systems), NFSv4 ACLs.
 */
import * as fs from 'node:fs';
import { fsPath } from './long-paths.ts';
import type { MetadataProblem, Xattrs, XattrsRead, XattrTools } from './metadata-tools.ts';
import { reachAll } from './reach-all.ts';
import { complaintOf, runForPaths, runTool } from './run-tool.ts';
import type { ToolContext, ToolResult } from './run-tool.ts';
import { formatDump, parseDump, unquote } from './xattr-dump.ts';

const SAVED_BY_ALL = '^(user[.]|system[.]posix_acl_(access|default)$)';
const SAVED_BY_ROOT = '^(user[.]|system[.]posix_acl_(access|default)$|security[.]capability$)';
/** Only root may set these; a file is incomplete without them, so their absence is reported. */
const NEEDS_ROOT = /^security\./;

interface LinuxContext extends ToolContext {
  readonly isRoot: boolean;
}

export const makeLinuxXattrs = (context: LinuxContext): XattrTools => ({
  readXattrs: (paths) => readXattrs(paths, context),
  writeXattrs: (wanted) => writeXattrs(wanted, context),
});

async function readXattrs(paths: readonly string[], context: LinuxContext): Promise<XattrsRead> {
  const reached = reachAll(paths);
  try {
    const names = context.isRoot ? SAVED_BY_ROOT : SAVED_BY_ALL;
    const args = ['-h', '-d', '-m', names, '-e', 'base64', '--absolute-names', '--'];
    const result = await runForPaths('getfattr', args, reached.paths, context);
    const xattrs = new Map<string, Xattrs>();
    for (const [path, values] of parseDump(result.stdout)) {
      const original = reached.originals.get(path);
      if (original !== undefined) xattrs.set(original, values);
    }
    if (result.code === 0) return { xattrs, problems: reached.problems };
    const problems = problemsOf(result, 'getfattr', reached.originals).filter(({ reason }) => !isNothing(reason));
    return { xattrs, problems: [...reached.problems, ...problems] };
  } finally {
    reached.close();
  }
}

async function writeXattrs(
  wanted: ReadonlyMap<string, Xattrs>,
  context: LinuxContext,
): Promise<readonly MetadataProblem[]> {
  const reached = reachAll([...wanted.keys()]);
  const problems = [...reached.problems];
  try {
    const files = new Map<string, Xattrs>();
    for (const [path, original] of reached.originals) {
      const { ours, refused } = chooseWritable(wanted.get(original) ?? {}, context);
      if (Object.keys(ours).length > 0) files.set(path, ours);
      if (refused.length > 0)
        problems.push({ path: original, reason: `only an administrator can set ${refused.join(', ')}` });
    }
    const failed = await restore(files, context);
    const denied = context.isRoot ? [] : failed.filter(({ reason }) => reason === 'Permission denied');
    const retried = await restoreReadOnly(new Map(pick(files, denied)), context);
    for (const { path, reason } of [...failed.filter((problem) => !denied.includes(problem)), ...retried])
      problems.push({ path: reached.originals.get(path) ?? path, reason });
    return problems;
  } finally {
    reached.close();
  }
}

/** ACLs come last: one may take from the owner the permission that the others need. */
function chooseWritable(xattrs: Xattrs, { isRoot }: LinuxContext): { ours: Xattrs; refused: readonly string[] } {
  const isAcl = (name: string): number => Number(name.startsWith('system.'));
  const ours = Object.entries(xattrs)
    .filter(([name]) => new RegExp(SAVED_BY_ROOT, 's').test(name))
    .toSorted(([a], [b]) => isAcl(a) - isAcl(b));
  const refused = isRoot ? [] : ours.map(([name]) => name).filter((name) => NEEDS_ROOT.test(name));
  return { ours: Object.fromEntries(ours.filter(([name]) => !refused.includes(name))), refused };
}

async function restore(files: ReadonlyMap<string, Xattrs>, context: LinuxContext): Promise<readonly MetadataProblem[]> {
  if (files.size === 0) return [];
  const result = await runTool('setfattr', ['-h', '--restore=-'], formatDump(files), context);
  return problemsOf(result, 'setfattr', new Map([...files.keys()].map((path) => [path, path])));
}

/** A file's owner may set attributes only while the file is writable; the mode comes back, with it the ACL's mask. */
async function restoreReadOnly(
  files: ReadonlyMap<string, Xattrs>,
  context: LinuxContext,
): Promise<readonly MetadataProblem[]> {
  const problems: MetadataProblem[] = [];
  const modes = new Map<string, number>();
  for (const path of files.keys()) {
    const mode = makeWritable(path);
    if (mode === undefined) problems.push({ path, reason: 'Permission denied' });
    else modes.set(path, mode);
  }
  problems.push(...(await restore(new Map([...files].filter(([path]) => modes.has(path))), context)));
  for (const [path, mode] of modes) if (!setMode(path, mode)) problems.push({ path, reason: 'its mode is lost' });
  return problems;
}

/** The mode it had, or undefined where writability is not what it lacks. */
function makeWritable(path: string): number | undefined {
  const stat = fs.lstatSync(fsPath(path), { throwIfNoEntry: false });
  if (stat === undefined || stat.isSymbolicLink() || (stat.mode & 0o200) !== 0) return undefined;
  const mode = stat.mode & 0o7777;
  return setMode(path, mode | 0o200) ? mode : undefined;
}

/** False if it belongs to somebody else or has vanished. */
function setMode(path: string, mode: number): boolean {
  try {
    fs.chmodSync(fsPath(path), mode);
    return true;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return false;
    throw error;
  }
}

const pick = (files: ReadonlyMap<string, Xattrs>, problems: readonly MetadataProblem[]): [string, Xattrs][] =>
  problems.flatMap(({ path }) => (files.has(path) ? [[path, files.get(path) as Xattrs]] : []));

/** Vanished since, or on a file system that has no attributes: there is nothing to save. */
const isNothing = (reason: string): boolean =>
  reason === 'No such file or directory' || reason === 'Not a directory' || reason === 'Operation not supported';

/** What the tool complained about: lines `<tool>: <quoted path>: <words>`; anything else concerns all paths. */
function problemsOf(result: ToolResult, tool: string, paths: ReadonlyMap<string, string>): MetadataProblem[] {
  if (result.code === 0) return [];
  const problems = new Map<string, MetadataProblem>();
  for (const line of result.stderr.toString('latin1').split('\n')) {
    const colon = line.lastIndexOf(': ');
    if (!line.startsWith(`${tool}: `) || colon <= tool.length) continue;
    const path = paths.get(unquote(line.slice(tool.length + 2, colon)));
    if (path !== undefined) problems.set(path, { path, reason: line.slice(colon + 2) });
  }
  if (problems.size > 0) return [...problems.values()];
  const reason = complaintOf(result, tool);
  return [...paths.values()].map((path) => ({ path, reason }));
}
