import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { detectMetadataTools } from '../../src/system/metadata-tools.ts';
import type { MetadataTools, ToolMachine } from '../../src/system/metadata-tools.ts';
import { reachPath } from '../../src/system/long-paths.ts';
import { readTree } from '../kit/read-tree.ts';
import { testOnLinux, testWithTools } from '../kit/tools.ts';
import { fifo, file, folder, onDisk, symlink, temporaryFolder, writeDeepTree, writeTree } from '../kit/tree.ts';

const machine = (choice: Partial<ToolMachine> = {}): ToolMachine => ({
  platform: 'linux',
  searchPath: process.env['PATH'] ?? '',
  isRoot: process.getuid?.() === 0,
  temporaryFolder: '/tmp',
  ...choice,
});
const linuxTools = (): MetadataTools => detectMetadataTools(machine()).tools;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const ATTR = ['xargs', 'getfattr', 'setfattr'];
const ACL = [...ATTR, 'setfacl'];

testWithTools('attributes and ACLs of every kind of name come back elsewhere', ACL, async () => {
  const [from, to] = [temporaryFolder(), temporaryFolder()];
  const attributes = { xattrs: { 'user.comment': 'hé\nllo', 'user.a=b\\c': 'x' }, acl: 'u:1:r,g:2:rwx' };
  const tree = {
    plain: file('x', { ...attributes, mode: 0o640 }),
    none: 'x',
    'new\nline: x': file('x', attributes),
    'caf\udce9 \\ ': file('x', attributes),
    folder: folder({}, { xattrs: { 'user.empty': '' }, acl: 'd:u:1:rwx,u:1:rx' }),
    pipe: fifo({ acl: 'u:1:rw' }),
    'dangling link': symlink('nowhere'),
    '# file: \uFEFFä': file('x', attributes),
    'read only': file('x', { ...attributes, mode: 0o440 }),
  };
  writeTree(from, tree);
  const paths = Object.keys(tree);
  const { xattrs, problems } = await linuxTools().readXattrs(paths.map((path) => `${from}/${path}`));
  expect(problems).toEqual([]);
  expect(xattrs.get(`${from}/plain`)).toEqual({
    'user.comment': base64('hé\nllo'),
    'user.a=b\\c': base64('x'),
    'system.posix_acl_access': expect.any(String) as string,
  });
  expect([...xattrs.keys()].toSorted()).toEqual(
    paths
      .filter((path) => path !== 'none' && path !== 'dangling link')
      .map((path) => `${from}/${path}`)
      .toSorted(),
  );

  const bare = Object.fromEntries(
    Object.entries({ ...tree, folder: folder({}), pipe: fifo() }).map(([name, node]) => [
      name,
      typeof node === 'string' || name === 'dangling link' || name === 'folder' || name === 'pipe'
        ? node
        : file('x', { mode: fs.statSync(onDisk(from, name)).mode & 0o7777 }),
    ]),
  );
  writeTree(to, bare);
  for (const name of ['folder', 'pipe']) fs.chmodSync(onDisk(to, name), fs.statSync(onDisk(from, name)).mode & 0o7777);
  const wanted = new Map([...xattrs].map(([path, values]) => [to + path.slice(from.length), values]));
  expect(await linuxTools().writeXattrs(wanted)).toEqual([]);
  expect(readTree(to, { xattrs: true, without: ['mtime'] })).toEqual(
    readTree(from, { xattrs: true, without: ['mtime'] }),
  );
});

testWithTools('a path longer than a call takes has its attributes too', ATTR, async () => {
  const top = temporaryFolder();
  const names = Array<string>(30).fill('n'.repeat(200));
  writeDeepTree(top, names, { bottom: 'x' });
  const path = `${top}/${names.join('/')}/bottom`;
  const wanted = { 'user.deep': base64('down') };
  expect(await linuxTools().writeXattrs(new Map([[path, wanted]]))).toEqual([]);
  expect(await linuxTools().readXattrs([path])).toEqual({ xattrs: new Map([[path, wanted]]), problems: [] });
  const pipe = `${top}/${names.join('/')}/pipe`;
  expect(await linuxTools().makeFifos([pipe])).toEqual([]);
  const reached = reachPath('/', pipe.slice(1));
  expect(fs.lstatSync(reached.path).isFIFO()).toBe(true);
  reached.close();
});

testWithTools('more paths than one process takes are read', ATTR, async () => {
  const top = temporaryFolder();
  const names = Array.from({ length: 3_000 }, (_, i) => `${'n'.repeat(100)}${i}`);
  writeTree(top, Object.fromEntries(names.map((name) => [name, ''])));
  const paths = names.map((name) => `${top}/${name}`);
  const wanted = new Map(paths.map((path, i) => [path, { 'user.number': base64(String(i)) }]));
  expect(await linuxTools().writeXattrs(wanted)).toEqual([]);
  expect((await linuxTools().readXattrs(paths)).xattrs).toEqual(wanted);
});

testWithTools(
  'a file that has vanished or a system without attributes is no problem when reading, but when writing',
  ATTR,
  async () => {
    const top = temporaryFolder();
    writeTree(top, { here: '' });
    const value = { 'user.a': base64('1') };
    const paths = [`${top}/here`, `${top}/va\nnished: x`, '/proc/version'];
    await linuxTools().writeXattrs(new Map([[`${top}/here`, value]]));
    expect(await linuxTools().readXattrs(paths)).toEqual({ xattrs: new Map([[`${top}/here`, value]]), problems: [] });
    const problems = await linuxTools().writeXattrs(new Map(paths.map((path) => [path, value])));
    expect(problems.map(({ path }) => path).toSorted()).toEqual(paths.slice(1).toSorted());
  },
);

testWithTools('an ACL is set after all else, for it may take from the owner the right to set more', ATTR, async () => {
  const top = temporaryFolder();
  writeTree(top, { setfattr: file('#!/bin/sh\ncat > "$(dirname "$0")/dump"\n', { mode: 0o755 }), x: '' });
  const { tools } = detectMetadataTools(machine({ searchPath: `${top}:${process.env['PATH'] ?? ''}` }));
  const acl = { 'system.posix_acl_access': base64('acl') };
  await tools.writeXattrs(new Map([[`${top}/x`, { ...acl, 'user.a': base64('a'), 'user.b': base64('b') }]]));
  const lines = fs.readFileSync(`${top}/dump`, 'utf8').split('\n');
  expect(lines.map((line) => line.split('=')[0])).toEqual([
    `# file: ${top}/x`,
    'user.a',
    'user.b',
    'system.posix_acl_access',
    '',
    '',
  ]);
});

testWithTools('hostile names and values of attributes set nothing but themselves', ATTR, async () => {
  const top = temporaryFolder();
  writeTree(top, { mine: '', other: '' });
  const hostile = {
    [`user.a=0sMQ==\n\n# file: ${top}/other\nuser.b`]: base64('1'),
    'user.c': `MQ==\n\n# file: ${top}/other\nuser.d=0sMQ==`,
    'trusted.e': base64('1'),
    'com.apple.quarantine': base64('1'),
  };
  await linuxTools().writeXattrs(new Map([[`${top}/mine`, hostile]]));
  const { xattrs } = await linuxTools().readXattrs([`${top}/mine`, `${top}/other`]);
  expect(xattrs.get(`${top}/other`)).toBeUndefined();
  expect(Object.keys(xattrs.get(`${top}/mine`) ?? {})).not.toContain('trusted.e');
});

testWithTools('what only an administrator can set is reported to others', ATTR, async () => {
  const top = temporaryFolder();
  writeTree(top, { program: '' });
  const { tools } = detectMetadataTools(machine({ isRoot: false }));
  const wanted = new Map([[`${top}/program`, { 'security.capability': base64('x'), 'user.a': base64('1') }]]);
  expect(await tools.writeXattrs(wanted)).toEqual([
    { path: `${top}/program`, reason: 'only an administrator can set security.capability' },
  ]);
  expect((await tools.readXattrs([`${top}/program`])).xattrs.get(`${top}/program`)).toEqual({ 'user.a': base64('1') });
});

testOnLinux('FIFOs are made in batches; what is in the way is reported and stays', async () => {
  const top = temporaryFolder();
  writeTree(top, { taken: 'precious' });
  const paths = ['a', 'new\nline', 'caf\udce9', '-m', 'taken', 'no folder/x'].map((name) => `${top}/${name}`);
  const problems = await linuxTools().makeFifos(paths);
  expect(problems.map(({ path }) => path)).toEqual([`${top}/taken`, `${top}/no folder/x`]);
  expect(problems[0]?.reason).toBe('something of this name is already there');
  expect(problems[1]?.reason).toContain('No such file or directory');
  expect(readTree(top, { without: ['owner', 'mtime'] })).toEqual({
    '-m': { kind: 'fifo', mode: '0600' },
    a: { kind: 'fifo', mode: '0600' },
    'caf\udce9': { kind: 'fifo', mode: '0600' },
    'new\nline': { kind: 'fifo', mode: '0600' },
    taken: expect.objectContaining({ content: 'precious' }),
  });
  expect(await linuxTools().makeFifos([])).toEqual([]);
});

test('where the tools are missing there is one warning, nothing is read, and what cannot be written is reported', async () => {
  const nowhere = temporaryFolder();
  const { tools, warnings } = detectMetadataTools(machine({ searchPath: nowhere }));
  expect(warnings).toEqual([
    'extended attributes and access control lists are neither saved nor restored: xargs and getfattr and setfattr not found (install the package "attr")',
  ]);
  expect(await tools.readXattrs(['/x'])).toEqual({ xattrs: new Map(), problems: [] });
  expect(await tools.writeXattrs(new Map([['/x', { 'user.a': '' }]]))).toEqual([
    { path: '/x', reason: 'xargs and getfattr and setfattr not found' },
  ]);
  expect(await tools.makeFifos([`${nowhere}/x`])).toEqual([{ path: `${nowhere}/x`, reason: 'spawn xargs ENOENT' }]);
  expect(detectMetadataTools(machine({ platform: 'aix' })).warnings).toHaveLength(1);
});

testOnLinux('a tool that breaks is a problem of the paths, not of the run', async () => {
  const top = temporaryFolder();
  const broken = '#!/bin/sh\necho broken >&2\nexit 7\n';
  writeTree(top, { getfattr: file(broken, { mode: 0o755 }), setfattr: file(broken, { mode: 0o755 }), x: '', y: '' });
  const { tools } = detectMetadataTools(machine({ searchPath: `${top}:${process.env['PATH'] ?? ''}` }));
  const problems = ['x', 'y'].map((name) => ({ path: `${top}/${name}`, reason: 'broken' }));
  expect(await tools.readXattrs([`${top}/x`, `${top}/y`])).toEqual({ xattrs: new Map(), problems });
  const wanted = new Map(['x', 'y'].map((name) => [`${top}/${name}`, { 'user.a': 'MQ==' }]));
  expect(await tools.writeXattrs(wanted)).toEqual(problems);
});
