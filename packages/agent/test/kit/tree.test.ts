import { expect, test } from 'vitest';
import { listTree, readTree } from './read-tree.ts';
import { testOnLinux, testWithTools } from './tools.ts';
import { fifo, file, folder, hardLink, sparse, symlink, temporaryFolder, writeDeepTree, writeTree } from './tree.ts';

test('a tree is read as it was written', () => {
  const top = temporaryFolder();
  writeTree(top, {
    letters: folder({ 'a.txt': file('hello', { mode: 0o600, mtime: 1_700_000_000.25 }) }, { mode: 0o750, mtime: 1000 }),
    'a.txt': 'text',
    empty: {},
  });
  expect(readTree(top, { without: ['owner'] })).toEqual({
    'a.txt': expect.objectContaining({ kind: 'file', size: 4, content: 'text' }),
    empty: expect.objectContaining({ kind: 'folder' }),
    letters: { kind: 'folder', mode: '0750', mtime: 1_000_000_000 },
    'letters/a.txt': { kind: 'file', mode: '0600', mtime: 1_700_000_000_250_000, size: 5, content: 'hello' },
  });
});

testOnLinux('awkward kinds and names come back', () => {
  const top = temporaryFolder();
  writeTree(top, {
    'caf\udce9': 'latin',
    'new\nline': fifo(),
    link: symlink('nowhere\udcff'),
    'one name': 'shared',
    'zz other name': hardLink('one name'),
    holes: sparse(1 << 20, { 5: 'x' }),
  });
  const read = readTree(top, { without: ['owner', 'mtime', 'mode'] });
  expect(Object.keys(read)).toEqual(['caf\udce9', 'holes', 'link', 'new\nline', 'one name', 'zz other name']);
  expect(read['link']).toEqual({ kind: 'symlink', target: 'nowhere\udcff' });
  expect(read['new\nline']).toEqual({ kind: 'fifo' });
  expect(read['zz other name']).toEqual({ kind: 'file', size: 6, content: 'shared', sameFileAs: 'one name' });
  expect(read['holes']).toMatchObject({ size: 1 << 20, holes: true });
});

testWithTools('extended attributes and ACLs are told', ['getfattr', 'setfattr', 'setfacl'], () => {
  const top = temporaryFolder();
  writeTree(top, { a: file('x', { mode: 0o640, xattrs: { 'user.who': 'me' }, acl: 'u:1:r' }), b: 'y' });
  const read = readTree(top, { xattrs: true });
  expect(read['a']?.xattrs).toEqual([expect.stringMatching(/^system\.posix_acl_access=0s/), 'user.who=0sbWU=']);
  expect(read['b']?.xattrs).toEqual([]);
});

testOnLinux('a tree deeper than any path may be long is made and removed again', () => {
  const top = temporaryFolder();
  writeDeepTree(top, Array<string>(40).fill('n'.repeat(250)), { 'at the bottom': 'x' });
  expect(() => listTree(top)).toThrow('ENAMETOOLONG');
});
