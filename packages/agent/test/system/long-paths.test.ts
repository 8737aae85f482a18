import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { openForReading, reachPath } from '../../src/system/long-paths.ts';
import { testOnLinux } from '../kit/tools.ts';
import { fifo, symlink, temporaryFolder, writeDeepTree, writeTree } from '../kit/tree.ts';

const readThrough = (root: string, path: string): string => {
  const descriptor = openForReading(root, path);
  try {
    return fs.readFileSync(descriptor, 'utf8');
  } finally {
    fs.closeSync(descriptor);
  }
};
const openDescriptors = (): number => fs.readdirSync('/proc/self/fd').length;

test('a file is read by its path below the root, and a root that is a file by the empty path', () => {
  const top = temporaryFolder();
  writeTree(top, { letters: { 'a.txt': 'hello' } });
  expect(readThrough(top, 'letters/a.txt')).toBe('hello');
  expect(readThrough(`${top}/letters/a.txt`, '')).toBe('hello');
  expect(readThrough('/', `${top.slice(1)}/letters/a.txt`)).toBe('hello');
});

testOnLinux('a name that is not UTF-8, or holds a backslash, is opened', () => {
  const top = temporaryFolder();
  writeTree(top, { 'caf\udce9\n': 'latin', 'root\\': { '\\': 'back' } });
  expect(readThrough(top, 'caf\udce9\n')).toBe('latin');
  expect(readThrough(`${top}/root\\`, '\\')).toBe('back');
});

testOnLinux("somebody else's file is read, though only its owner may leave its access time alone", () => {
  expect(readThrough('/', 'etc/passwd')).toContain('root:');
});

testOnLinux('a FIFO in the place of a file does not block, a symlink is not followed', () => {
  const top = temporaryFolder();
  writeTree(top, { pipe: fifo(), real: 'x', link: symlink('real') });
  const descriptor = openForReading(top, 'pipe');
  expect(fs.fstatSync(descriptor).isFile()).toBe(false);
  fs.closeSync(descriptor);
  expect(() => openForReading(top, 'link')).toThrow('ELOOP');
});

testOnLinux('a file 10,000 bytes down is reached, and no descriptor stays open', () => {
  const top = temporaryFolder();
  const names = Array.from({ length: 50 }, (_, i) => String(i).padEnd(140, 'ä\udce9'));
  writeDeepTree(top, names, { 'bottom.txt': 'deep down' });
  const path = [...names, 'bottom.txt'].join('/');
  expect(Buffer.byteLength(path)).toBeGreaterThan(10_000);
  const before = openDescriptors();
  expect(readThrough(top, path)).toBe('deep down');
  const reached = reachPath(top, `${names.join('/')}/new`);
  fs.writeFileSync(reached.path, 'made');
  reached.close();
  expect(readThrough(top, `${names.join('/')}/new`)).toBe('made');
  expect(() => openForReading(top, `${path}/below a file`)).toThrow('ENOTDIR');
  expect(() => openForReading(top, path.replace('bottom', 'missing'))).toThrow('ENOENT');
  expect(openDescriptors()).toBe(before);
});
