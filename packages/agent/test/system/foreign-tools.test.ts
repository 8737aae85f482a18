/** macOS' and Windows' tools stand here as scripts that behave as their manuals say; they were not run there. */
import * as fs from 'node:fs';
import { expect } from 'vitest';
import { detectMetadataTools } from '../../src/system/metadata-tools.ts';
import type { Xattrs } from '../../src/system/metadata-tools.ts';
import { testOnLinux } from '../kit/tools.ts';
import { file, temporaryFolder, writeTree } from '../kit/tree.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Keeps attributes as files `<path>.attr.<name>` that hold hexadecimal digits. */
const XATTR = `#!/bin/sh
mode=list
while :; do case "$1" in -p) mode=print; shift;; -w) mode=write; shift;; -[vsx]) shift;; *) break;; esac; done
case $mode in
print) name=$1; shift; for path; do echo "$path:"; fold -w 4 "$path.attr.$name"; echo; done;;
write) name=$1 value=$2; shift 2; for path; do
  [ -e "$path" ] || { echo "xattr: [Errno 2] No such file or directory: '$path'" >&2; exit 1; }
  printf %s "$value" > "$path.attr.$name"; done;;
list) for path; do for held in "$path".attr.*; do [ -e "$held" ] && echo "$path: \${held#"$path".attr.}"; done; done; true;;
esac
`;

testOnLinux("macOS: attributes go there and back by xattr's printed forms", async () => {
  const top = temporaryFolder();
  writeTree(top, { bin: { xattr: file(XATTR, { mode: 0o755 }) }, 'a: b': 'x', b: 'x', none: 'x', 'line\nbreak': 'x' });
  const searchPath = `${top}/bin:${process.env['PATH'] ?? ''}`;
  const { tools, warnings } = detectMetadataTools({
    platform: 'darwin',
    searchPath,
    isRoot: false,
    temporaryFolder: top,
  });
  expect(warnings).toEqual([]);
  const wanted = new Map<string, Xattrs>([
    [`${top}/a: b`, { 'com.apple.metadata:note': base64('hello there'), 'com.apple.quarantine': base64('q') }],
    [`${top}/b`, { 'com.apple.quarantine': base64('q') }],
  ]);
  const further = new Map<string, Xattrs>([
    [`${top}/none`, { 'system.posix_acl_access': base64('x') }],
    [`${top}/gone`, { n: base64('1') }],
  ]);
  expect(await tools.writeXattrs(new Map([...wanted, ...further]))).toEqual([
    { path: `${top}/gone`, reason: expect.stringContaining('No such file') as string },
  ]);
  fs.writeFileSync(`${top}/b.attr.com.apple.macl`, '00');
  const paths = ['a: b', 'b', 'none', 'line\nbreak'].map((name) => `${top}/${name}`);
  const { xattrs, problems } = await tools.readXattrs(paths);
  expect(xattrs).toEqual(wanted);
  expect(problems.map(({ path }) => path)).toEqual([`${top}/line\nbreak`]);
});

/** Answers as icacls does when it saves, and keeps what it is to restore. */
const ICACLS = `#!/bin/sh
object=$1 action=$2 list=$3
[ "$object" = 'C:\\broken' ] || [ "$object" = 'C:\\broken\\x' ] && { echo 'broken: Access is denied.' >&2; exit 5; }
here=$(dirname "$0")
if [ "$action" = /save ]; then cat "$here/saved" > "$list"; else cat "$list" > "$here/restored"; echo "$object" > "$here/folder"; fi
`;

testOnLinux('Windows: own lists go there and back in the form of icacls, inherited ones are not stored', async () => {
  const top = temporaryFolder();
  const script = file(ICACLS, { mode: 0o755 });
  const own = 'D:AI(A;;FR;;;WD)(A;ID;FA;;;SY)';
  const isolated = 'D:PAI(A;OICI;FA;;;BA)';
  const lines = [
    'a.txt',
    own,
    'b ä.txt',
    'D:AI(A;OICIID;FA;;;SY)(A;ID;FA;;;BA)',
    'not asked for',
    own,
    'c',
    isolated,
    '',
  ];
  writeTree(top, { icacls: script, 'icacls.exe': script, saved: Buffer.from(lines.join('\r\n'), 'utf16le') });
  const searchPath = `${top}:${process.env['PATH'] ?? ''}`;
  const { tools } = detectMetadataTools({ platform: 'win32', searchPath, isRoot: false, temporaryFolder: top });
  const stored = new Map<string, Xattrs>([
    ['C:\\docs/a.txt', { 'windows.dacl': base64(own) }],
    ['C:\\docs/c', { 'windows.dacl': base64(isolated) }],
  ]);
  const { xattrs, problems } = await tools.readXattrs([
    'C:\\docs/a.txt',
    'C:\\docs/b ä.txt',
    'C:\\docs/c',
    'C:\\broken\\x',
  ]);
  expect(xattrs).toEqual(stored);
  expect(problems).toEqual([{ path: 'C:\\broken\\x', reason: 'broken: Access is denied.' }]);

  const hostile = { 'windows.dacl': base64('D:P\r\n..\\other\r\nD:P(A;;FA;;;WD)') };
  expect(
    await tools.writeXattrs(
      new Map<string, Xattrs>([...stored, ['C:\\docs/evil', hostile], ['C:\\docs/d', { 'user.a': '' }]]),
    ),
  ).toEqual([{ path: 'C:\\docs/evil', reason: 'its stored access control list is not valid' }]);
  expect(fs.readFileSync(`${top}/folder`, 'utf8')).toBe('C:\\docs\n');
  expect(fs.readFileSync(`${top}/restored`, 'utf16le')).toBe(`a.txt\r\n${own}\r\nc\r\n${isolated}\r\n`);
  expect(await tools.writeXattrs(new Map([['C:\\broken\\x', { 'windows.dacl': base64(own) }]]))).toEqual([
    { path: 'C:\\broken\\x', reason: 'broken: Access is denied.' },
  ]);
  expect(fs.readdirSync(top).filter((name) => name.startsWith('acl-'))).toEqual([]);
});
