import * as fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { damagedStore, RepositoryBuilder } from '@backup-agent/core/test-kit';
import { failCalls } from '../kit/failing-calls.ts';
import { problemsOf, realMetadataTools, restoreInto } from '../kit/restore-bench.ts';
import { testOnLinux } from '../kit/tools.ts';
import { temporaryFolder } from '../kit/tree.ts';

const TIME = '1700000000123456789';
const big = randomBytes(4_000_000);
let builder: RepositoryBuilder;
let target: string;

beforeEach(async () => {
  builder = new RepositoryBuilder({ segmentBytes: 1 << 20 });
  await builder.snapshot([
    { path: '' },
    { path: 'big', content: big, mtime: TIME },
    { path: 'folder', mode: 0o750 },
    { path: 'folder/a', content: 'from the snapshot', mtime: TIME },
    { path: 'folder/b', content: 'b', mtime: TIME, link: '1:2' },
    { path: 'folder/c', content: 'b', mtime: TIME, link: '1:2' },
    { path: 'link', kind: 'symlink', target: 'folder/a' },
    { path: 'pipe', kind: 'fifo' },
  ]);
  target = temporaryFolder();
  fs.mkdirSync(`${target}/folder`, { mode: 0o711 });
});

const read = (name: string): string => fs.readFileSync(`${target}/${name}`, 'utf8');
const metadata = realMetadataTools();
const isToWrite = (flags: unknown): boolean => ((flags as number) & fs.constants.O_RDWR) !== 0;

test('by default what is there is kept, and what differs from the snapshot is named', async () => {
  fs.writeFileSync(`${target}/folder/a`, 'mine');
  fs.symlinkSync('mine', `${target}/link`);
  fs.mkdirSync(`${target}/big`);
  const done = await restoreInto(builder.repository, target, { deps: { metadata } });
  expect(done.result).toMatchObject({
    outcome: 'incomplete',
    problemCount: 1,
    counts: { kept: 3, keptDifferent: 3, files: 1, hardLinks: 1 },
  });
  expect(problemsOf(done)).toEqual({
    '': '3 that were there already are kept and differ from the snapshot: big, folder/a, link (--overwrite changed replaces them)',
  });
  expect(read('folder/a')).toBe('mine');
  expect(fs.readlinkSync(`${target}/link`)).toBe('mine');
  expect(fs.statSync(`${target}/folder`).mode & 0o777).toBe(0o711);
  expect(done.events).toContainEqual({ type: 'detail', message: 'folder/a is there already and is kept' });
});

test('restored again, everything is kept; nothing is fetched', async () => {
  await restoreInto(builder.repository, target, { deps: { metadata } });
  const { result } = await restoreInto(builder.repository, target, { deps: { metadata } });
  expect(result).toMatchObject({
    outcome: 'complete',
    counts: { kept: 6, keptDifferent: 0, files: 0, bytesFetched: 0 },
  });
});

test('a file that a killed restore left short is named by the repeat; --overwrite changed completes it', async () => {
  await restoreInto(builder.repository, target, { deps: { metadata } });
  fs.truncateSync(`${target}/folder/a`, 5);
  const repeat = await restoreInto(builder.repository, target, { deps: { metadata } });
  expect(repeat.result).toMatchObject({ outcome: 'incomplete', counts: { kept: 6, keptDifferent: 1 } });
  expect(problemsOf(repeat)['']).toMatch(/differ from the snapshot: folder\/a \(--overwrite changed/);
  const { result } = await restoreInto(builder.repository, target, { overwrite: 'changed', deps: { metadata } });
  expect(result).toMatchObject({ outcome: 'complete', counts: { files: 1, unchanged: 4 } });
  expect(read('folder/a')).toBe('from the snapshot');
});

test('another time alone is a warning', async () => {
  await restoreInto(builder.repository, target, { deps: { metadata } });
  fs.utimesSync(`${target}/big`, 1, 1);
  const { result, events } = await restoreInto(builder.repository, target, { deps: { metadata } });
  expect(result).toMatchObject({ outcome: 'complete', counts: { kept: 6, keptDifferent: 1 } });
  expect(events).toContainEqual({ type: 'warning', message: expect.stringMatching(/other times.*: big/) as string });
});

describe('--overwrite changed', () => {
  test('replaces what differs in size or time and leaves the rest alone', async () => {
    await restoreInto(builder.repository, target, { deps: { metadata } });
    fs.writeFileSync(`${target}/folder/a`, 'from the SNAPSHOT');
    const untouched = fs.statSync(`${target}/big`).ino;
    fs.rmSync(`${target}/folder/b`);
    const { result } = await restoreInto(builder.repository, target, { overwrite: 'changed', deps: { metadata } });
    expect(result).toMatchObject({ outcome: 'complete', counts: { files: 2, unchanged: 3 } });
    expect(read('folder/a')).toBe('from the snapshot');
    expect(fs.statSync(`${target}/big`).ino).toBe(untouched);
    expect(fs.statSync(`${target}/folder`).mode & 0o777).toBe(0o750);
    expect(fs.statSync(`${target}/folder/b`).ino).toBe(fs.statSync(`${target}/folder/c`).ino);
  });
});

describe('--overwrite always', () => {
  testOnLinux('replaces files, links and FIFOs by rename, through no link', async () => {
    const outside = `${temporaryFolder()}/precious`;
    fs.writeFileSync(outside, 'precious');
    fs.symlinkSync(outside, `${target}/big`);
    fs.linkSync(outside, `${target}/folder/a`);
    fs.symlinkSync(outside, `${target}/folder/b`);
    fs.writeFileSync(`${target}/folder/c`, 'x');
    fs.writeFileSync(`${target}/link`, 'x');
    fs.writeFileSync(`${target}/pipe`, 'x');
    const done = await restoreInto(builder.repository, target, { overwrite: 'always', deps: { metadata } });
    expect(problemsOf(done)).toEqual({});
    expect(fs.readFileSync(outside, 'utf8')).toBe('precious');
    expect(fs.readFileSync(`${target}/big`).equals(big)).toBe(true);
    expect([read('folder/a'), read('folder/b'), read('folder/c')]).toEqual(['from the snapshot', 'b', 'b']);
    expect(fs.readlinkSync(`${target}/link`)).toBe('folder/a');
    expect(fs.lstatSync(`${target}/pipe`).isFIFO()).toBe(true);
    expect(fs.readdirSync(target).sort()).toEqual(['big', 'folder', 'link', 'pipe']);
    expect(fs.readdirSync(`${target}/folder`).sort()).toEqual(['a', 'b', 'c']);
  });

  test('never removes a folder to make room for a file', async () => {
    fs.mkdirSync(`${target}/folder/a`);
    const done = await restoreInto(builder.repository, target, { overwrite: 'always', deps: { metadata } });
    expect(problemsOf(done)).toEqual({ 'folder/a': 'there is a folder in its place' });
  });
});

describe('--delta', () => {
  const options = { overwrite: 'changed', delta: true } as const;

  test('fetches and writes only what differs, into the same file', async () => {
    await restoreInto(builder.repository, target, { deps: { metadata } });
    const changed = Buffer.from(big);
    changed.fill(0, 2_000_000, 2_000_010);
    fs.writeFileSync(`${target}/big`, Buffer.concat([changed, Buffer.from('and more')]));
    const before = fs.statSync(`${target}/big`).ino;
    const { result } = await restoreInto(builder.repository, target, { ...options, deps: { metadata } });
    expect(result).toMatchObject({ outcome: 'complete', counts: { files: 1 } });
    expect(result.counts.bytesFetched).toBeLessThan(big.length);
    expect(result.counts.bytesFetched).toBeGreaterThan(0);
    expect(fs.readFileSync(`${target}/big`).equals(big)).toBe(true);
    expect(fs.statSync(`${target}/big`).ino).toBe(before);
    expect(fs.statSync(`${target}/big`, { bigint: true }).mtimeNs / 1000n).toBe(1_700_000_000_123_457n);
  });

  test('fetches nothing where only the time differs', async () => {
    await restoreInto(builder.repository, target, { deps: { metadata } });
    fs.utimesSync(`${target}/big`, 1, 1);
    const { result } = await restoreInto(builder.repository, target, { ...options, deps: { metadata } });
    expect(result.counts).toMatchObject({ files: 1, bytesFetched: 0 });
    expect(Math.floor(fs.statSync(`${target}/big`).mtimeMs / 1000)).toBe(1_700_000_000);
  });

  test('a chunk that is damaged is named, with what that costs the file', async () => {
    await restoreInto(builder.repository, target, { deps: { metadata } });
    const changed = Buffer.from(big);
    for (let at = 0; at < changed.length; at += 100_000) changed[at] = (changed[at] as number) ^ 1;
    fs.writeFileSync(`${target}/big`, changed);
    const store = damagedStore(builder.store);
    const { objects } = await store.list('v1/');
    const packs = objects.filter(({ key }) => key.includes('/data/')).toSorted((a, b) => b.bytes - a.bytes);
    await store.flip(packs[0]?.key as string, Math.floor((packs[0]?.bytes as number) / 2));
    const done = await restoreInto({ ...builder.repository, store }, target, { ...options, deps: { metadata } });
    expect(problemsOf(done)).toEqual({
      big: expect.stringMatching(/damaged.*; parts of its old content may be replaced$/) as string,
    });
  });

  test.each(['EACCES', 'ETXTBSY'])('a file that may not be written to (%s) is replaced', async (code) => {
    await restoreInto(builder.repository, target, { deps: { metadata } });
    for (const name of ['big', 'folder/a']) fs.writeFileSync(`${target}/${name}`, 'other');
    const before = fs.statSync(`${target}/big`).ino;
    const hits = failCalls('openSync', code, ([path, flags]) => /\/(?:big|a)$/.test(String(path)) && isToWrite(flags));
    const done = await restoreInto(builder.repository, target, { ...options, deps: { metadata } });
    expect(hits.count).toBe(2);
    expect(problemsOf(done)).toEqual({});
    expect(fs.readFileSync(`${target}/big`).equals(big)).toBe(true);
    expect(read('folder/a')).toBe('from the snapshot');
    expect(fs.statSync(`${target}/big`).ino).not.toBe(before);
    expect(fs.readdirSync(target).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('a file with other names is replaced, not changed under them', async () => {
    await restoreInto(builder.repository, target, { deps: { metadata } });
    fs.writeFileSync(`${target}/big`, 'short');
    fs.linkSync(`${target}/big`, `${target}/my other name`);
    await restoreInto(builder.repository, target, { ...options, deps: { metadata } });
    expect(read('my other name')).toBe('short');
    expect(fs.readFileSync(`${target}/big`).equals(big)).toBe(true);
  });
});
