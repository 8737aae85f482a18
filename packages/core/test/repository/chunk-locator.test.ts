import { hash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import {
  ChunkLocator,
  INDEX_HEADER_BYTES,
  LAZY_CHUNKS_MAX,
  chunkIdOfBytes,
  decodeIndexHeader,
  findChunk,
  listIndexSegments,
  listPacks,
  loadChunkTable,
  mapOfPacks,
  openSegment,
  packKey,
  packText,
} from '../../src/index.ts';
import type { BackupError, ChunkId, ChunkTable, ObjectKey, PackPlace, Repository } from '../../src/index.ts';
import { damagedStore } from '../kit/damaged-store.ts';
import type { DamagedStore } from '../kit/damaged-store.ts';
import { RepositoryBuilder } from '../kit/repository-builder.ts';

const FILES = 40;
const textOf = (n: number): string => `text number ${n} `.repeat(500 + n);
const idOf = (n: number): Buffer => Buffer.from(hash('sha256', textOf(n)), 'hex');
const hexOf = (n: number): ChunkId => idOf(n).toString('hex') as ChunkId;

let builder: RepositoryBuilder;
let store: DamagedStore;
let repository: Repository;
let told: BackupError[];
const onDamage = (error: BackupError): void => void told.push(error);

beforeEach(async () => {
  builder = new RepositoryBuilder({ segmentBytes: 32 * 1024, packSegments: 3 });
  const files = (first: number, end: number) =>
    Array.from({ length: end - first }, (_, i) => ({ path: `file ${first + i}`, content: textOf(first + i) }));
  await builder.snapshot(files(0, 25));
  await builder.snapshot(files(20, FILES));
  store = damagedStore(builder.store);
  repository = { ...builder.repository, store };
  told = [];
});

/** The chunk's bytes where the table says they are. */
async function read(table: ChunkTable, id: Uint8Array): Promise<Buffer> {
  const entry = findChunk(table, id);
  expect(entry).toBeGreaterThanOrEqual(0);
  const place = table.place(entry);
  return readAt({ ...place, pack: table.packs[place.pack] as PackPlace });
}

async function readAt(place: { pack: PackPlace } & Record<string, unknown>): Promise<Buffer> {
  const at = place as unknown as Record<
    'segmentOffset' | 'storedBytes' | 'rawBytes' | 'chunkOffset' | 'chunkBytes',
    number
  >;
  const key = packKey(repository.device, place.pack);
  const raw = openSegment(await store.readRange(key, at.segmentOffset, at.storedBytes), at, key);
  return Buffer.from(raw.subarray(at.chunkOffset, at.chunkOffset + at.chunkBytes));
}

async function expectAllFound(table: ChunkTable): Promise<void> {
  for (let n = 0; n < FILES; n++) expect((await read(table, idOf(n))).toString()).toBe(textOf(n));
}

const indexKeys = async (): Promise<string[]> => (await listIndexSegments(repository)).map(({ key }) => key);

test('the whole index finds every chunk, and the shares of a pack add up to its segments', async () => {
  const table = await loadChunkTable(repository, { onDamage });
  await expectAllFound(table);
  expect(told).toEqual([]);
  const listed = mapOfPacks(await listPacks(repository));
  for (const [i, pack] of table.packs.entries()) {
    const stored = table.packStoredBytes[i] as number;
    const bytes = listed.get(packText(pack))?.object.bytes as number;
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(bytes);
  }
});

test.each([
  ['damaged', async (key: string) => store.flip(key, 2000)],
  ['missing although it is listed', async (key: string) => store.setDamage(key, 'missing')],
])('an index segment that is %s is told, and its packs are read from their directories', async (_, spoil) => {
  const [key] = await indexKeys();
  await spoil(key as string);
  await expectAllFound(await loadChunkTable(repository, { onDamage }));
  expect(told.map((error) => error.key)).toEqual([key]);
});

test('packs that no index names are read from their directories', async () => {
  const bare = new RepositoryBuilder({ segmentBytes: 1000, packSegments: 2 });
  await bare.snapshot([{ path: 'a', content: textOf(1) }], { withoutIndex: true });
  const table = await loadChunkTable(bare.repository, { onDamage });
  expect(findChunk(table, idOf(1))).toBeGreaterThanOrEqual(0);
});

test('a pack without index and with a damaged directory is told and left out', async () => {
  const [first, second] = await indexKeys();
  store.setDamage(first as string, 'missing');
  store.setDamage(second as string, 'missing');
  const [pack] = await listPacks(repository);
  await store.flip(pack?.object.key as string, (pack?.object.bytes as number) - 20);
  const table = await loadChunkTable(repository, { onDamage });
  expect(table.packs.map(packText)).toContain(packText(pack as PackPlace));
  expect(findChunk(table, idOf(0))).toBe(-1);
  expect(findChunk(table, idOf(FILES - 1))).toBeGreaterThanOrEqual(0);
  expect(told.map((error) => error.key)).toContain(pack?.object.key);
});

test('only chunks of the packs in question are in the table', async () => {
  const all = mapOfPacks(await listPacks(repository));
  const [name, pack] = [...all][0] as [string, never];
  const table = await loadChunkTable(repository, { packs: new Map([[name, pack]]), onDamage });
  expect(table.packs.map(packText)).toEqual([name]);
});

test('a pack that two index segments name counts once', async () => {
  const before = await loadChunkTable(repository, { onDamage });
  const [key] = await indexKeys();
  const bytes = await store.read(key as ObjectKey, 1e9);
  await builder.store.create(`${key}-1` as ObjectKey, [bytes]);
  const after = await loadChunkTable(repository, { onDamage });
  expect(after.packStoredBytes).toEqual(before.packStoredBytes);
});

const everyPack = { has: () => true };

test.each([1, 5, LAZY_CHUNKS_MAX])('%i chunks are found without reading the index whole', async (count) => {
  const locator = new ChunkLocator(repository, everyPack, onDamage);
  const table = await locator.locate(Buffer.concat(Array.from({ length: count }, (_, n) => idOf(n))));
  expect(table.count).toBe(count);
  for (let n = 0; n < count; n++) expect((await read(table, idOf(n))).toString()).toBe(textOf(n));
});

test('many chunks, or one that the index lacks, are looked up in the whole index', async () => {
  const locator = new ChunkLocator(repository, everyPack, onDamage);
  await expectAllFound(await locator.locate(Buffer.concat(Array.from({ length: FILES }, (_, n) => idOf(n)))));
  store.setDamage((await indexKeys())[0] as string, 'missing');
  const other = new ChunkLocator(repository, everyPack, onDamage);
  expect((await read(await other.locate(idOf(0)), idOf(0))).toString()).toBe(textOf(0));
});

test('a chunk is found only in packs that the snapshot names', async () => {
  const locator = new ChunkLocator(repository, { has: () => false }, onDamage);
  expect(findChunk(await locator.locate(idOf(0)), idOf(0))).toBe(-1);
});

test('whatever byte of an index segment is flipped, one of the places of a chunk is right', async () => {
  const [key] = await indexKeys();
  const bytes = await store.read(key as ObjectKey, 1e9);
  const { recordsAt, infoAt } = decodeIndexHeader(bytes, key as string);
  expect(recordsAt).toBeGreaterThan(INDEX_HEADER_BYTES);
  for (let at = 0; at < bytes.length; at += at < recordsAt ? 29 : 1) {
    if (at > infoAt) break;
    store.heal();
    await store.flip(key as string, at);
    const found = await new ChunkLocator(repository, everyPack, onDamage).locate(idOf(3));
    const there = findChunk(found, idOf(3)) >= 0 ? await read(found, idOf(3)).catch(() => undefined) : undefined;
    if (there?.toString() === textOf(3)) continue;
    const places = await new ChunkLocator(repository, everyPack, onDamage).allPlaces([hexOf(3)]);
    const contents = await Promise.all((places.get(hexOf(3)) ?? []).map((place) => readAt({ ...place })));
    expect(contents.map(String)).toContain(textOf(3));
  }
});

test('all places of a chunk that lies in two packs are told, each once', async () => {
  const twin = new RepositoryBuilder({ store: builder.store, device: builder.repository.device });
  // The twin starts with the run id that is taken, so its first snapshot only moves it on.
  await twin.snapshot([]);
  await twin.snapshot([]);
  await twin.snapshot([{ path: 'again', content: textOf(7) }]);
  const places = await new ChunkLocator(repository, everyPack, onDamage).allPlaces([hexOf(7), hexOf(FILES)]);
  expect(places.get(hexOf(7))).toHaveLength(2);
  expect(places.get(hexOf(FILES))).toEqual([]);
  for (const place of places.get(hexOf(7)) ?? [])
    expect(chunkIdOfBytes(Buffer.from(hash('sha256', await readAt({ ...place })), 'hex'))).toBe(hexOf(7));
});
