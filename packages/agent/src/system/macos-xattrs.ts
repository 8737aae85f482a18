/**
 * Extended attributes on macOS, by xattr(1): best effort by its manual. Left out are attributes that the system keeps
 * for itself and lets nobody set, and access control lists.
 */
import type { MetadataProblem, Xattrs, XattrsRead, XattrTools } from './metadata-tools.ts';
import { complaintOf, runForPaths } from './run-tool.ts';
import type { ToolContext } from './run-tool.ts';

const KEPT_BY_THE_SYSTEM: readonly string[] = ['com.apple.macl', 'com.apple.provenance', 'com.apple.rootless'];
/** Names of other systems; macOS would take them, but they mean nothing there. */
const FOREIGN = /^(?:user|system|security|windows)\./;
/** The value stands on the command line in hexadecimal; the system's limit is 1 MiB for all arguments. */
const VALUE_BYTES_MAX = 256 * 1024;

export const makeMacosXattrs = (context: ToolContext): XattrTools => ({
  readXattrs: (paths) => readXattrs(paths, context),
  writeXattrs: (wanted) => writeXattrs(wanted, context),
});

async function readXattrs(paths: readonly string[], context: ToolContext): Promise<XattrsRead> {
  const lines = paths.filter((path) => !path.includes('\n'));
  const problems: MetadataProblem[] = paths
    .filter((path) => path.includes('\n'))
    .map((path) => ({ path, reason: 'xattr cannot tell attributes of a name with a line break' }));
  const known = new Set(lines);
  const pathsByName = new Map<string, string[]>();
  const listed = await runForPaths('xattr', ['-v', '-s'], lines, context);
  for (const line of listed.stdout.toString('utf8').split('\n')) {
    const { path, rest } = splitLine(line, known);
    const name = rest.trim();
    if (path === undefined || name === '' || KEPT_BY_THE_SYSTEM.includes(name)) continue;
    pathsByName.set(name, [...(pathsByName.get(name) ?? []), path]);
  }
  const xattrs = new Map<string, Record<string, string>>();
  for (const [name, holders] of pathsByName) {
    const printed = await runForPaths('xattr', ['-p', '-v', '-x', '-s', name], holders, context);
    for (const [path, hex] of valuesOf(printed.stdout.toString('utf8'), new Set(holders))) {
      if (/^(?:[0-9a-fA-F]{2})*$/.test(hex))
        xattrs.set(path, { ...xattrs.get(path), [name]: Buffer.from(hex, 'hex').toString('base64') });
      else problems.push({ path, reason: `xattr tells ${name} in a form that is not known` });
    }
  }
  return { xattrs, problems };
}

async function writeXattrs(
  wanted: ReadonlyMap<string, Xattrs>,
  context: ToolContext,
): Promise<readonly MetadataProblem[]> {
  const problems: MetadataProblem[] = [];
  const groups = new Map<string, { name: string; hex: string; paths: string[] }>();
  for (const [path, xattrs] of wanted) {
    for (const [name, value] of Object.entries(xattrs)) {
      if (FOREIGN.test(name)) continue;
      const bytes = Buffer.from(value, 'base64');
      const group = groups.get(`${name}\0${value}`);
      if (bytes.length > VALUE_BYTES_MAX) problems.push({ path, reason: `${name} is too large for xattr` });
      else if (group === undefined)
        groups.set(`${name}\0${value}`, { name, hex: bytes.toString('hex'), paths: [path] });
      else group.paths.push(path);
    }
  }
  for (const { name, hex, paths } of groups.values()) {
    const result = await runForPaths('xattr', ['-w', '-x', '-s', name, hex], paths, context);
    if (result.code === 0) continue;
    // Its messages name the path in several forms, so one path at a time tells which ones failed.
    for (const path of paths) {
      const single =
        paths.length === 1 ? result : await runForPaths('xattr', ['-w', '-x', '-s', name, hex], [path], context);
      if (single.code !== 0) problems.push({ path, reason: complaintOf(single, 'xattr') });
    }
  }
  return problems;
}

/** `<path>: <rest>`, the path being one of those asked for; else all is rest. */
function splitLine(line: string, known: ReadonlySet<string>): { path: string | undefined; rest: string } {
  for (let colon = line.indexOf(':'); colon >= 0; colon = line.indexOf(':', colon + 1)) {
    const path = line.slice(0, colon);
    if (known.has(path)) return { path, rest: line.slice(colon + 1) };
  }
  return { path: undefined, rest: line };
}

/** Hexadecimal digits by path; a value may go over several lines. */
function valuesOf(text: string, known: ReadonlySet<string>): Map<string, string> {
  const values = new Map<string, string>();
  let current: string | undefined;
  for (const line of text.split('\n')) {
    const { path, rest } = splitLine(line, known);
    current = path ?? current;
    if (current !== undefined) values.set(current, (values.get(current) ?? '') + rest.replaceAll(/\s/g, ''));
  }
  return values;
}
