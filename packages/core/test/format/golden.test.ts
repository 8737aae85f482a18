/** What version 1 wrote: it must be written so, and stay readable, for ever. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import {
  BY_LENGTH_MAX,
  INDEX_BYTES_MAX,
  INDEX_RECORDS_MAX,
  JSON_BYTES_MAX,
  LIST_IDS_MAX,
  PACK_BYTES_MAX,
  PACK_NUMBER_MAX,
  REASON_LENGTH_MAX,
  SEGMENT_RAW_BYTES_MAX,
  SNAPSHOTS_MAX,
  SNAPSHOT_PACKS_MAX,
  comparePaths,
  decodeChunkList,
  decodeDeviceWord,
  decodeEntry,
  decodeHold,
  decodeIndexSegment,
  decodeMarks,
  decodeNightResult,
  decodePackEnd,
  decodePackRanges,
  decodePageList,
  decodePath,
  decodePin,
  decodePolicy,
  decodeRepositoryFile,
  decodeRunRecord,
  decodeSnapshot,
  openSegment,
  pageLines,
  parseKey,
} from '../../src/index.ts';
import type { ChunkId, PageReference, Snapshot } from '../../src/index.ts';
import type { Seal } from '../kit/golden-packs.ts';
import { goldenFixtures, hexLines } from '../kit/golden-fixtures.ts';
import { GOLDEN_DEVICE, GOLDEN_RUNS } from '../kit/golden-repository.ts';
import { outcomeOf, withByte } from '../kit/hostile-bytes.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const REPOSITORY = 'repository-v1/';
const fixture = (name: string): Buffer => readFileSync(join(FIXTURES, name));
const names = globSync('**/*', { cwd: FIXTURES, withFileTypes: true })
  .filter((file) => file.isFile())
  .map((file) => relative(FIXTURES, join(file.parentPath, file.name)).split(sep).join('/'))
  .sort();
const keys = names.filter((name) => name.startsWith(REPOSITORY)).map((name) => name.slice(REPOSITORY.length));
const object = (key: string): Buffer => fixture(REPOSITORY + key);

/** All chunks of all packs, verified on the way. */
const chunks = new Map<ChunkId, Buffer>();
/** Frames by the SHA-256 of what they hold: another zstd would make others, of which each is as good. */
const frames = new Map<string, Buffer>();
for (const key of keys) {
  if (parseKey(key)?.type !== 'pack') continue;
  const pack = object(key);
  for (const segment of decodePackEnd(pack, pack.length, key)) {
    const stored = pack.subarray(segment.offset, segment.offset + segment.storedBytes);
    const raw = Buffer.from(openSegment(stored, segment, key));
    frames.set(sha256(raw), stored);
    let at = 0;
    for (const [i, length] of segment.lengths.entries()) {
      const id = Buffer.from(segment.ids.subarray(i * 32, i * 32 + 32)).toString('hex') as ChunkId;
      chunks.set(id, raw.subarray(at, (at += length)));
    }
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const sealAsThen: Seal = (raw, { ids, lengths }) => {
  const stored = frames.get(sha256(raw)) ?? Buffer.alloc(0);
  const crc = goldenCrc(stored);
  return { segment: { storedBytes: stored.length, rawBytes: raw.length, crc32: crc, ids, lengths }, stored };
};

/** CRC-32 by its definition: reflected polynomial 0xEDB88320, as the document says it. */
function goldenCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

test('the encoders make every fixture, byte for byte', () => {
  const made = goldenFixtures(sealAsThen);
  expect([...made.keys()].sort()).toEqual(names);
  for (const [name, bytes] of made)
    expect([name, bytes.toString('latin1')]).toEqual([name, fixture(name).toString('latin1')]);
});

test('every chunk has the id that it is named by', () => {
  expect(chunks.size).toBeGreaterThan(40);
  for (const [id, bytes] of chunks) expect(sha256(bytes)).toBe(id);
});

test('every object of the repository is read, and no byte of it can change unseen', () => {
  const read = (key: string, bytes: Buffer): unknown => {
    const parsed = parseKey(key);
    switch (parsed?.type) {
      case 'repository':
        return decodeRepositoryFile(bytes, key);
      case 'index':
        return decodeIndexSegment(bytes, key);
      case 'snapshot':
        return decodeSnapshot(bytes, key);
      case 'run-record':
        return decodeRunRecord(bytes, key);
      case 'marks':
        return decodeMarks(bytes, key);
      case 'policy':
        return decodePolicy(bytes, key);
      case 'hold':
        return decodeHold(bytes, key);
      case 'pin':
        return decodePin(bytes, key);
      case 'device-word':
        return decodeDeviceWord(bytes, key);
      case 'night-result':
        return decodeNightResult(bytes, key);
      case 'pack':
        for (const segment of decodePackEnd(bytes, bytes.length, key))
          openSegment(bytes.subarray(segment.offset, segment.offset + segment.storedBytes), segment, key);
        return undefined;
      default:
        throw new Error(`${key} is no key of the format`);
    }
  };
  for (const key of keys) {
    const bytes = object(key);
    expect([key, outcomeOf(() => read(key, bytes))]).toEqual([key, 'decoded']);
    const step = Math.ceil(bytes.length / 1000); // Each byte of small objects; packs of one byte each have tests of their own.
    for (let at = 0; at < bytes.length; at += step)
      expect([key, at, outcomeOf(() => read(key, withByte(bytes, at, 0x40)))]).toEqual([key, at, 'OBJECT_DAMAGED']);
  }
});

const snapshotOf = (run: string): Snapshot => {
  const key = `v1/devices/${GOLDEN_DEVICE}/snapshots/${run}.json`;
  return decodeSnapshot(object(key), key);
};

const linesOf = ({ id }: PageReference): string[] => pageLines(chunks.get(id) as Buffer, id);

test.each(GOLDEN_RUNS)('the catalog of %s is read to the last byte of its files', (run) => {
  const snapshot = snapshotOf(run);
  const pages =
    snapshot.pages ??
    snapshot.pageLists?.flatMap((list) => decodePageList(chunks.get(list.id) as Buffer, list.id)) ??
    [];
  const entries = pages.flatMap((page) => linesOf(page).map((line) => decodeEntry(line, page.id)));
  const files = entries.filter((entry) => entry.kind === 'file');
  for (const file of files) {
    const ids = file.chunks ?? file.lists?.flatMap((list) => decodeChunkList(chunks.get(list) as Buffer, list)) ?? [];
    expect(ids.reduce((sum, id) => sum + (chunks.get(id)?.length ?? NaN), 0)).toBe(file.size);
  }
  expect(entries.length).toBe(snapshot.totals.files + snapshot.totals.folders + snapshot.totals.others);
  expect(files.reduce((sum, file) => sum + (file.size ?? 0), 0)).toBe(snapshot.totals.bytes);
});

test('a snapshot names the packs that it needs', () => {
  const { packs } = snapshotOf(GOLDEN_RUNS[1]);
  expect(decodePackRanges(packs.data)).toEqual(new Map(GOLDEN_RUNS.map((run) => [run, [0]])));
  expect(decodePackRanges(packs.meta)).toEqual(new Map([[GOLDEN_RUNS[1], [0]]]));
});

test('awkward paths have one order', () => {
  const lines = fixture('catalog-order.ndjson').toString('utf8').split('\n').slice(0, -1);
  const paths = lines.map((line) => decodePath(JSON.parse(line)));
  expect(paths.length).toBeGreaterThan(50);
  for (const [i, path] of paths.entries())
    for (const [j, other] of paths.entries()) expect(Math.sign(comparePaths(path, other))).toBe(Math.sign(i - j));
});

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../../docs/repository-format.md'), 'utf8');

/** Fenced blocks of the document that follow a `<!-- golden: name -->`. */
const golden = new Map(
  [...DOCUMENT.matchAll(/<!-- golden: (\S+) -->\n+```\w*\n([^]*?)```/g)].map(([, name, text]) => [name, text]),
);

test.each([
  ['repository.json', `${REPOSITORY}v1/repository.json`],
  ['snapshot.json', `${REPOSITORY}v1/devices/${GOLDEN_DEVICE}/snapshots/${GOLDEN_RUNS[0]}.json`],
  ['run-record.json', `${REPOSITORY}v1/devices/${GOLDEN_DEVICE}/runs/${GOLDEN_RUNS[0]}.json`],
  ['run-record-endings.json', 'run-record-endings.json'],
  ['marks.json', `${REPOSITORY}v1/devices/${GOLDEN_DEVICE}/marks/00000001.json`],
  ['policy.json', `${REPOSITORY}v1/system/policy/20260105T075500Z-00c0ffee.json`],
  ['hold.json', `${REPOSITORY}v1/system/holds/${GOLDEN_DEVICE}/20260106T090000Z-01d01d01.json`],
  ['pin.json', `${REPOSITORY}v1/system/pins/${GOLDEN_DEVICE}/${GOLDEN_RUNS[0]}/20260106T090500Z-0b1b1b10.json`],
  ['device-word.json', `${REPOSITORY}v1/system/devices/${GOLDEN_DEVICE}/20260105T075800Z-0de11ce0.json`],
  ['chunk-lengths.txt', 'chunk-lengths.txt'],
  ['pack.hex', 'pack.hex'],
  ['pages.ndjson', 'pages.ndjson'],
])('the document shows %s as it is', (name, file) => {
  expect(golden.get(name)).toBe(fixture(file).toString('utf8'));
});

test('the document shows the order of awkward paths', () => {
  const shown = (golden.get('catalog-order') ?? '').split('\n').slice(0, -1);
  const lines = fixture('catalog-order.ndjson').toString('utf8').split('\n').slice(0, -1);
  expect(shown.length).toBeGreaterThan(40);
  expect(shown).toEqual(lines.filter((line) => line.length < 60));
});

test('the document shows the first page of the catalog', () => {
  const page = snapshotOf(GOLDEN_RUNS[0]).pages?.[0] as PageReference;
  expect(golden.get('page.ndjson')).toBe((chunks.get(page.id) as Buffer).toString('utf8'));
});

/** The bytes of a table of the document: rows of `| offset | bytes | ... |`, each offset being the next byte. */
function bytesOfTable(name: string): Buffer {
  const [, table = ''] = DOCUMENT.split(`<!-- golden: ${name} -->`);
  const rows = table.split('\n\n')[1]?.split('\n').slice(2) ?? [];
  let hex = '';
  for (const row of rows) {
    const [, offset = '', bytes = ''] = row.split('|').map((cell) => cell.trim().replaceAll('`', ''));
    expect([row, parseInt(offset, 10)]).toEqual([row, hex.length / 2]);
    hex += bytes.replaceAll(' ', '');
  }
  return Buffer.from(hex, 'hex');
}

test('the document explains every byte of a real pack', () => {
  const pack = object(`v1/devices/${GOLDEN_DEVICE}/data/${GOLDEN_RUNS[0]}/00000`);
  expect(bytesOfTable('pack')).toEqual(pack);
  expect(hexLines(pack).equals(fixture('pack.hex'))).toBe(true);
});

test.each([
  ['JSON object, with its second line', JSON_BYTES_MAX],
  ['raw segment, so page, page list, chunk list and chunk too', SEGMENT_RAW_BYTES_MAX],
  ['pack', PACK_BYTES_MAX],
  ['index segment', INDEX_BYTES_MAX],
  ['records of an index segment', INDEX_RECORDS_MAX],
  ['information of an index segment', JSON_BYTES_MAX],
  ['number of a pack', PACK_NUMBER_MAX],
  ['packs of each kind that a snapshot names', SNAPSHOT_PACKS_MAX],
  ['ids in a chunk list', LIST_IDS_MAX],
  ['snapshots of a device', SNAPSHOTS_MAX],
  ['`by` in holds, pins and device words', BY_LENGTH_MAX],
  ['`reason` in holds and pins', REASON_LENGTH_MAX],
])('the document states the limit: %s', (what, limit) => {
  const [, section = ''] = DOCUMENT.split('\n## 16. Limits\n');
  const row = section.split('\n').find((line) => line.startsWith(`| ${what} |`));
  expect(row).toContain(`| ${limit.toLocaleString('en-US')}`);
});
