/** Everything under test/fixtures, by file name. */
import { createHash } from 'node:crypto';
import { chunkLengths, comparePaths, encodePath, pathFromBytes } from '../../src/index.ts';
import type { Seal } from './golden-packs.ts';
import { pagesOf } from './golden-builder.ts';
import { GOLDEN_DEVICE, GOLDEN_RUNS, goldenRepository } from './golden-repository.ts';
import { goldenRunRecord } from './golden-run-record.ts';
import { pseudoRandomBytes } from './pseudo-random.ts';
import type { CatalogEntry, ChunkId } from '../../src/index.ts';

export function goldenFixtures(seal?: Seal): Map<string, Buffer> {
  const fixtures = new Map<string, Buffer>();
  for (const [key, bytes] of goldenRepository(seal)) fixtures.set(`repository-v1/${key}`, bytes);
  const pack = fixtures.get(`repository-v1/v1/devices/${GOLDEN_DEVICE}/data/${GOLDEN_RUNS[0]}/00000`) as Buffer;
  const index = fixtures.get(`repository-v1/v1/devices/${GOLDEN_DEVICE}/index/${GOLDEN_RUNS[0]}`) as Buffer;
  fixtures.set('pack.hex', hexLines(pack));
  fixtures.set('index-segment.hex', hexLines(index));
  fixtures.set('run-record-endings.json', goldenRunRecord());
  fixtures.set('chunk-lengths.txt', lines(chunkLengthRows()));
  fixtures.set('catalog-order.ndjson', lines(awkwardPaths().map((path) => JSON.stringify(encodePath(path)))));
  fixtures.set('pages.ndjson', lines(pageRows()));
  return fixtures;
}

const lines = (rows: readonly string[]): Buffer => Buffer.from(rows.map((row) => `${row}\n`).join(''), 'utf8');

/** 32 bytes a line. */
export const hexLines = (bytes: Buffer): Buffer => lines(bytes.toString('hex').match(/.{1,64}/g) ?? []);

/** `<what> <bytes>: <lengths>`; what is a seed of pseudoRandomBytes, or `zeros`. */
function chunkLengthRows(): string[] {
  const files: readonly [string, Buffer][] = [
    ...([0, 1, 262_144, 262_145, 524_288, 1_048_576] as const).map((length): [string, Buffer] => [
      'seed 1',
      pseudoRandomBytes(1, length),
    ]),
    ...[1, 2, 3].map((seed): [string, Buffer] => [`seed ${seed}`, pseudoRandomBytes(seed, 16_000_000)]),
    ['zeros', Buffer.alloc(10_000_000)],
  ];
  return files.map(([what, bytes]) => `${what} ${bytes.length}: ${chunkLengths(bytes).join(' ')}`.trim());
}

const bytesPath = (hex: string): string => pathFromBytes(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

/** Paths at which orders commonly differ, in the catalog's order. */
export function awkwardPaths(): string[] {
  const paths = [
    '',
    'a',
    'a\x01',
    'a\x01/b',
    'a\n',
    'a ',
    'a!',
    'a-b',
    'a-b/c',
    'a.b',
    'a/',
    'a/b',
    'a/b/c',
    'a/b-c',
    'a/\x01',
    'a/~',
    'a0',
    'aa',
    'A',
    'Z',
    '_',
    '~',
    '\x7f',
    '"quoted" \\ back',
    '\u0080',
    'é',
    'e\u0301',
    'ÿ',
    '\u0800',
    '\u2028',
    '\ud7ff',
    '\ue000',
    '\uff21',
    '\ufffd',
    '\uffff',
    '\u{10000}',
    '\u{1f480}',
    '\u{1f600}',
    '\u{10ffff}',
    '\u{1f600}/\uff21',
    bytesPath('80'),
    bytesPath('ff'),
    bytesPath('63 61 66 e9'),
    bytesPath('63 61 66 e9 2f 61'),
    bytesPath('c0 af'),
    bytesPath('ed a0 80'),
    bytesPath('f0 90 80'),
    bytesPath('f4 90 80 80'),
    bytesPath('e2 82'),
    'con',
    'CON',
    ' ',
    '-',
    'x'.repeat(255),
    Array.from({ length: 40 }, () => 'y'.repeat(100)).join('/'),
  ];
  return paths.filter((path) => !path.endsWith('/')).sort(comparePaths);
}

/** A catalog of 3,000 files of which each second one has its other name 1,500 entries further on: hard links across pages. */
export function linkedEntries(): CatalogEntry[] {
  return Array.from({ length: 3000 }, (_, i) => {
    const chunk = createHash('sha256')
      .update(`file ${i % 1500}`)
      .digest('hex') as ChunkId;
    return {
      root: 0,
      path: `file ${String(i).padStart(4, '0')}`,
      kind: 'file',
      mode: 0o644,
      uid: 1000,
      gid: 1000,
      size: 10,
      mtime: '1700000000000000000',
      ctime: '1700000000000000000',
      inode: String(1000 + (i % 1500)),
      ...(i % 2 === 0 ? { link: `2049:${1000 + (i % 1500)}` } : {}),
      chunks: [chunk],
    } as const;
  });
}

/** Of each page: first path, bytes, SHA-256. */
function pageRows(): string[] {
  return pagesOf(linkedEntries()).map(({ path, bytes }) =>
    JSON.stringify([path, bytes.length, createHash('sha256').update(bytes).digest('hex')]),
  );
}
