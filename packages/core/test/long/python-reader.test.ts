/** An independent reader restores what the codecs make, and loses nothing but what is damaged. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLocalStore, parseDeviceId, parseRunId } from '../../src/index.ts';
import type { ObjectKey } from '../../src/index.ts';
import { GoldenBuilder } from '../kit/golden-builder.ts';
import type { EntrySketch } from '../kit/golden-builder.ts';
import { GOLDEN_DEVICE, GOLDEN_RUNS, goldenRepository } from '../kit/golden-repository.ts';
import { withByte } from '../kit/hostile-bytes.ts';
import { pseudoRandomBytes } from '../kit/pseudo-random.ts';
import { listWithPythonReader, pythonReaderMissing, restoreWithPythonReader } from '../kit/python-reader.ts';
import { skippedSuite } from '../kit/skipped-suite.ts';

const missing = await pythonReaderMissing();
if (missing === undefined) describe('the reader in Python', suite);
else skippedSuite('the reader in Python', missing);

const DEVICE = parseDeviceId('desk-2');
const RUN = parseRunId('20260107T080000Z-00112233');
const SUBJECTS = 3000;

/** Many small files over several pages, hard links across them, large files, and files that share chunks. */
function manyEntries(): EntrySketch[] {
  const files = Array.from({ length: SUBJECTS }, (_, i): EntrySketch => {
    const half = i % (SUBJECTS / 2);
    const linked = half % 100 === 0;
    return {
      path: `folder ${i % 50}/file ${i}`,
      kind: 'file',
      bytes: Buffer.from(`This is file ${linked ? half : i}. `.repeat(1 + (half % 40))),
      mtime: `170000${String(linked ? half : i).padStart(4, '0')}000001000`,
      ...(linked ? { link: `2049:${half}` } : {}),
    };
  });
  const folders = Array.from({ length: 50 }, (_, i): EntrySketch => ({
    path: `folder ${i}`,
    kind: 'folder',
    mode: 0o750,
  }));
  return [
    { path: '', kind: 'folder' },
    ...folders,
    ...files,
    { path: 'large', kind: 'file', bytes: pseudoRandomBytes(21, 5_000_000) },
    { path: 'many chunks', kind: 'file', bytes: pseudoRandomBytes(22, 1_300_000), chunkBytes: 1000 },
    { path: 'zeros', kind: 'file', bytes: Buffer.alloc(3_000_000), sparse: true },
  ];
}

let work: string;

async function written(objects: ReadonlyMap<string, Buffer>, name: string): Promise<string> {
  const folder = join(work, name);
  const store = await openLocalStore({ folder, create: true });
  for (const [key, bytes] of objects) await store.create(key as ObjectKey, [bytes]);
  return folder;
}

const contentOf = (sketch: EntrySketch): Buffer => Buffer.from(sketch.bytes ?? []);

function suite(): void {
  beforeAll(() => {
    work = fs.mkdtempSync(join(tmpdir(), 'python-reader-'));
  });
  afterAll(() => {
    fs.rmSync(work, { recursive: true, force: true });
  });

  test('restores many files, large ones, hard links across pages and page lists', async () => {
    const builder = new GoldenBuilder('2026-01-07T08:00:00.000Z');
    const roots = [{ path: '/srv/data', label: 'data', state: 'walked' }] as const;
    const machine = { id: '1', host: 'h', user: 'u', system: 's', agent: 'a' };
    const entries = manyEntries();
    const time = '2026-01-07T08:00:00.000Z';
    const { pageLists } = builder.addSnapshot({
      device: DEVICE,
      run: RUN,
      machine,
      roots,
      entries,
      time,
      asPageLists: true,
    });
    expect(pageLists?.length).toBe(2);
    const repository = await written(builder.objects, 'many');
    const target = join(work, 'many restored');
    expect(await restoreWithPythonReader(repository, DEVICE, 'latest', target)).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    for (const entry of entries.filter(({ kind }) => kind === 'file')) {
      const stat = fs.statSync(join(target, entry.path), { bigint: true });
      expect([entry.path, fs.readFileSync(join(target, entry.path)).equals(contentOf(entry))]).toEqual([
        entry.path,
        true,
      ]);
      expect(String(stat.mtimeNs)).toBe(entry.mtime ?? '1700000000000000000');
      expect(stat.nlink).toBe(entry.link === undefined ? 1n : 2n);
    }
    expect(fs.statSync(join(target, 'folder 7')).mode & 0o777).toBe(0o750);
    expect((await listWithPythonReader(repository, DEVICE, RUN)).length).toBe(entries.length);
  });

  test('restores every kind of entry of the golden repository', async () => {
    const repository = await written(goldenRepository(), 'golden');
    const target = join(work, 'golden restored');
    const result = await restoreWithPythonReader(repository, GOLDEN_DEVICE, GOLDEN_RUNS[1], target);
    expect(result.exitCode).toBe(0);
    expect(fs.readdirSync(target).sort()).toEqual(['Documents', 'notes']);
    const documents = join(target, 'Documents');
    const names = fs.readdirSync(documents, { encoding: 'buffer' }).map((name) => name.toString('latin1'));
    expect(names.sort()).toEqual(
      [
        'a',
        'a-b',
        'ada.txt',
        'bob.txt',
        'caf\u00c3\u00a9',
        'caf\u00e9',
        'dangling',
        'dice.bin',
        'empty',
        'holes.img',
        'large.bin',
        'link 1',
        'link 2',
        'new\nline',
        'pipe',
        'tagged',
      ].sort(),
    );
    expect(fs.readlinkSync(join(documents, 'a-b'))).toBe('a/copy of ada.txt');
    expect(fs.readlinkSync(join(documents, 'dangling'), 'buffer')).toEqual(Buffer.from('caf\xe9', 'latin1'));
    expect(fs.lstatSync(join(documents, 'pipe')).isFIFO()).toBe(true);
    expect(fs.statSync(join(documents, 'link 1')).ino).toBe(fs.statSync(join(documents, 'link 2')).ino);
    expect(fs.readFileSync(join(documents, 'large.bin')).equals(pseudoRandomBytes(7, 40_000))).toBe(true);
    expect(fs.readFileSync(join(documents, 'holes.img')).equals(Buffer.alloc(100_000))).toBe(true);
    expect(fs.statSync(join(documents, 'ada.txt'), { bigint: true }).mtimeNs).toBe(1767600000123456789n);
    expect(fs.statSync(join(documents, 'bob.txt')).mode & 0o7777).toBe(0o600);
    expect(fs.readFileSync(join(target, 'notes/a'), 'utf8')).toBe('notes\n');
  });

  test('needs no index', async () => {
    const objects = new Map([...goldenRepository()].filter(([key]) => !key.includes('/index/')));
    const repository = await written(objects, 'no index');
    const result = await restoreWithPythonReader(repository, GOLDEN_DEVICE, 'latest', join(work, 'no index restored'));
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  });

  const FIRST = `v1/devices/${GOLDEN_DEVICE}/data/${GOLDEN_RUNS[0]}/00000`;
  test.each([
    ['a chunk', FIRST, 50, { exitCode: 3, lost: ['dice.bin'] }],
    ['a directory, with the index to tell', FIRST, 100, { exitCode: 0, lost: [] }],
    ['a footer, with the index to tell', FIRST, 249, { exitCode: 0, lost: [] }],
    ['repository.json', 'v1/repository.json', 5, { exitCode: 0, lost: [] }],
  ])('of a repository with a damaged byte in %s it restores the rest', async (what, key, at, { exitCode, lost }) => {
    const objects = new Map(goldenRepository());
    objects.set(key, withByte(objects.get(key) as Buffer, at, 0x10));
    const repository = await written(objects, `damaged ${what}`.replaceAll('.', ' '));
    const target = join(work, `restored ${what}`);
    const result = await restoreWithPythonReader(repository, GOLDEN_DEVICE, GOLDEN_RUNS[0], target);
    expect([result.exitCode, result.stderr !== '']).toEqual([exitCode, true]);
    const left = ['ada.txt', 'bob.txt', 'dice.bin'].filter((name) => !lost.includes(name));
    expect(fs.readdirSync(target).sort()).toEqual(left);
    for (const name of lost) expect(result.stderr).toContain(name);
  });

  test('refuses paths that lead out', async () => {
    const builder = new GoldenBuilder('2026-01-07T08:00:00.000Z');
    const paths = ['../out', 'a/../../out', '/out', 'a//b', './a', 'fine'];
    builder.addSnapshot({
      device: DEVICE,
      run: RUN,
      machine: { id: '1', host: 'h', user: 'u', system: 's', agent: 'a' },
      roots: [{ path: '/srv/data', label: 'data', state: 'walked' }],
      entries: paths.map((path) => ({ path, kind: 'file', bytes: Buffer.from('x') })),
      time: '2026-01-07T08:00:00.000Z',
    });
    const repository = await written(builder.objects, 'hostile');
    const target = join(work, 'hostile/restored/here');
    expect((await restoreWithPythonReader(repository, DEVICE, 'latest', target)).exitCode).toBe(3);
    expect(fs.readdirSync(target)).toEqual(['fine']);
    expect(fs.readdirSync(dirname(target))).toEqual(['here']);
  });

  test('refuses a target that is not empty, and a snapshot that is not there', async () => {
    const repository = await written(goldenRepository(), 'refusals');
    const target = join(work, 'refused');
    fs.mkdirSync(join(target, 'something'), { recursive: true });
    const refused = await restoreWithPythonReader(repository, GOLDEN_DEVICE, 'latest', target);
    expect(refused).toMatchObject({ exitCode: 1, stderr: 'the target is not empty\n' });
    const absent = await restoreWithPythonReader(repository, GOLDEN_DEVICE, RUN, join(work, 'absent'));
    expect(absent).toMatchObject({ exitCode: 1, stderr: `there is no snapshot "${RUN}" of ${GOLDEN_DEVICE}\n` });
  });
}
