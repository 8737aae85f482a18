import { expect, test } from 'vitest';
import {
  BackupError,
  decodeIndexSegment,
  indexKey,
  listIndexSegments,
  loadChunkTable,
  makeRunId,
  packKey,
  packText,
} from '@backup-agent/core';
import type { ObjectKey, Repository, RunId } from '@backup-agent/core';
import { damagedStore } from '@backup-agent/core/test-kit';
import type { DamagedStore } from '@backup-agent/core/test-kit';
import { repairIndex } from '../../src/repair/repair-index.ts';
import type { IndexRepairRequest, IndexRepairResult } from '../../src/repair/repair-index.ts';
import { damagedKeys, smallRepository, verifyHere } from '../kit/verify-bench.ts';

const RUN: RunId = makeRunId(new Date('2026-11-20T14:00:00Z'), Buffer.from('0a0b0c0d', 'hex'));

interface Backups {
  readonly repository: Repository<DamagedStore>;
  readonly index: readonly ObjectKey[];
  repair(request?: Partial<IndexRepairRequest>): Promise<IndexRepairResult>;
}

async function twoBackups(): Promise<Backups> {
  const small = await smallRepository();
  const repository = { ...small, store: damagedStore(small.store) };
  const index = (await listIndexSegments(repository)).map(({ key }) => key as ObjectKey);
  const signal = new AbortController().signal;
  return {
    repository,
    index,
    repair: (request) => repairIndex({ all: false, dryRun: false, ...request }, { repository, run: RUN, signal }),
  };
}

/** `<pack> <chunks>` of the segment. */
async function readSegment(
  { store }: Repository,
  key: string,
): Promise<{ made: string; packs: string[]; count: number }> {
  const { info, packs, records } = decodeIndexSegment(await store.read(key as ObjectKey, 1e9), key);
  return { made: info.made, packs: packs.map(packText).sort(), count: records.length / 56 };
}

test('an index that is whole needs nothing', async () => {
  const { repair, repository, index } = await twoBackups();
  expect(await repair()).toEqual({
    damagedSegments: [],
    damagedPacks: [],
    archivedPacks: [],
    packs: 0,
    chunks: 0,
    written: [],
  });
  expect(await listIndexSegments(repository)).toHaveLength(index.length);
});

test.each(['damaged', 'missing'] as const)('what a %s segment told is told again by the packs', async (how) => {
  const { repair, repository, index } = await twoBackups();
  const [first = '' as ObjectKey] = index;
  const before = await readSegment(repository, first);
  if (how === 'damaged') await repository.store.flip(first, 1500);
  else await repository.store.remove(first);
  const { damagedSegments, packs, chunks, written } = await repair();
  expect(damagedSegments.map(({ key }) => key)).toEqual(how === 'damaged' ? [first] : []);
  expect(written).toEqual([indexKey(repository.device, RUN)]);
  expect([packs, chunks]).toEqual([before.packs.length, before.count]);
  expect(await readSegment(repository, written[0] ?? '')).toEqual({ ...before, made: 'repair' });
  // Nothing was removed, and nothing but the damaged segment is damaged.
  expect(damagedKeys(await verifyHere(repository))).toEqual(how === 'damaged' ? [first] : []);
});

test('readers need no directory any more', async () => {
  const { repair, repository, index } = await twoBackups();
  for (const key of index) await repository.store.remove(key);
  await repair();
  const read: string[] = [];
  const store = {
    ...repository.store,
    readRange: (key: ObjectKey, offset: number, length: number) => {
      read.push(key);
      return repository.store.readRange(key, offset, length);
    },
  };
  await loadChunkTable({ ...repository, store }, { onDamage: (error) => expect.fail(error.message) });
  expect(read).toEqual([]);
});

test('a second repair finds nothing to do, and --all writes all of it', async () => {
  const { repair, repository, index } = await twoBackups();
  await repository.store.remove(index[0] as ObjectKey);
  await repair();
  expect((await repair()).written).toEqual([]);
  const other = makeRunId(new Date('2026-11-21T14:00:00Z'), Buffer.from('0a0b0c0d', 'hex'));
  const signal = new AbortController().signal;
  const all = await repairIndex({ all: true, dryRun: false }, { repository, run: other, signal });
  expect([all.packs, all.written]).toEqual([4, [indexKey(repository.device, other)]]);
});

test('a dry run counts, and writes nothing', async () => {
  const { repair, repository, index } = await twoBackups();
  await repository.store.remove(index[0] as ObjectKey);
  expect(await repair({ dryRun: true })).toMatchObject({ packs: 2, written: [] });
  expect(await listIndexSegments(repository)).toHaveLength(index.length - 1);
});

test('a pack that cannot be understood is named, and the others are told of', async () => {
  const { repair, repository, index } = await twoBackups();
  const { packs } = await readSegment(repository, index[0] ?? '');
  await repository.store.remove(index[0] as ObjectKey);
  const [name = ''] = packs;
  const [kind = '', run = '', number = ''] = name.split('/');
  const key = packKey(repository.device, { kind: kind as 'data', run: run as RunId, number: Number(number) });
  const { bytes = 0 } = (await repository.store.list(key)).objects[0] ?? {};
  await repository.store.flip(key, bytes - 3);
  const result = await repair();
  expect(result.damagedPacks.map((pack) => pack.key)).toEqual([key]);
  expect((await readSegment(repository, result.written[0] ?? '')).packs).toEqual(packs.slice(1));
});

test('a pack in an archive is not damaged: it is named if no index tells of it, and the others are told of', async () => {
  const { repository, index } = await twoBackups();
  const { packs } = await readSegment(repository, index[0] ?? '');
  await repository.store.remove(index[0] as ObjectKey);
  const readRange = (key: ObjectKey, offset: number, length: number): Promise<Buffer> => {
    if (key.includes('/data/')) throw new BackupError('OBJECT_ARCHIVED', `${key} lies in an archive`, { key });
    return repository.store.readRange(key, offset, length);
  };
  const deps = {
    repository: { ...repository, store: { ...repository.store, readRange } },
    run: RUN,
    signal: new AbortController().signal,
  };
  for (const all of [true, false]) {
    const { archivedPacks, damagedPacks } = await repairIndex({ all, dryRun: true }, deps);
    expect(damagedPacks).toEqual([]);
    expect(archivedPacks).toEqual([
      `v1/devices/${repository.device}/${packs.find((pack) => pack.startsWith('data/'))}`,
    ]);
  }
});
