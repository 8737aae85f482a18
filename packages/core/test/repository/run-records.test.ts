import { expect, test } from 'vitest';
import { decodeRunRecord, encodeRunRecord, memoryStore, parseDeviceId, parseRunId } from '../../src/index.ts';
import { readRunRecords, runRecordKey } from '../../src/index.ts';
import type { ObjectStore, Repository, RunId } from '../../src/index.ts';
import { goldenRunRecord } from '../kit/golden-run-record.ts';

const DEVICE = parseDeviceId('desk-1');
const RECORD = decodeRunRecord(goldenRunRecord(), 'golden');

const runOf = (n: number): RunId => parseRunId(`20260101T000000Z-${n.toString(16).padStart(8, '0')}`);

/** Records under these names, one a second; a text stands for an object that is no record. */
async function withRecords(stored: readonly (readonly [RunId, RunId | string])[]) {
  const store = memoryStore();
  for (const [name, content] of stored) {
    const bytes =
      content === 'damaged' ? Buffer.from('no record') : encodeRunRecord({ ...RECORD, run: content as RunId });
    await store.create(runRecordKey(DEVICE, name), [bytes]);
  }
  const reads: string[] = [];
  const counting: ObjectStore = {
    ...store,
    find: (key, bytesMax) => {
      reads.push(key);
      return store.find(key, bytesMax);
    },
  };
  const repository: Repository = { store: counting, device: DEVICE, voidRule: false };
  return { repository, reads };
}

const whole = (numbers: readonly number[]) => numbers.map((n) => [runOf(n), runOf(n)] as const);

test('records come newest first by store time, whatever their names, with the times at which they landed', async () => {
  const { repository, reads } = await withRecords(whole([3, 9, 1, 7]));
  const { records, damaged, total, now } = await readRunRecords(repository, { newest: 3 });
  expect(records.map(({ record }) => record.run)).toEqual([7, 1, 9].map(runOf));
  const landed = records.map((one) => +one.landed);
  expect(landed).toEqual([...landed].sort((a, b) => b - a));
  expect(new Set(landed).size).toBe(3);
  expect({ damaged, total, reads: reads.length }).toEqual({ damaged: [], total: 4, reads: 3 });
  expect(+now).toBeGreaterThan(+(records[0]?.landed as Date));
});

test('damaged records and those of another run are told apart, and passed over', async () => {
  const { repository, reads } = await withRecords([
    ...whole([1, 2]),
    [runOf(3), 'damaged'],
    [runOf(4), runOf(1)],
    ...whole([5]),
  ]);
  const { records, damaged } = await readRunRecords(repository, { newest: 2 });
  expect(records.map(({ record }) => record.run)).toEqual([5, 2].map(runOf));
  expect(damaged.map(({ key, error }) => [key, error.code])).toEqual([
    [runRecordKey(DEVICE, runOf(4)), 'OBJECT_DAMAGED'],
    [runRecordKey(DEVICE, runOf(3)), 'OBJECT_DAMAGED'],
  ]);
  expect(reads).toHaveLength(4);
});

test('a device that writes only damaged records is not read for ever', async () => {
  const damagedOnes = Array.from({ length: 300 }, (_, i) => [runOf(i + 1), 'damaged'] as const);
  const { repository, reads } = await withRecords([...whole([0]), ...damagedOnes]);
  const { records, damaged, total } = await readRunRecords(repository, { newest: 10 });
  expect({ records, damaged: damaged.length, total, reads: reads.length }).toEqual({
    records: [],
    damaged: 110,
    total: 301,
    reads: 110,
  });
});

test('a device that writes huge records does not fill the memory of its reader', async () => {
  const store = memoryStore();
  const error = { code: 'FAILED', message: 'x'.repeat(8_000_000) };
  for (let n = 0; n < 12; n++)
    await store.create(runRecordKey(DEVICE, runOf(n)), [encodeRunRecord({ ...RECORD, run: runOf(n), error })]);
  const { records, total } = await readRunRecords({ store, device: DEVICE, voidRule: false }, { newest: 12 });
  expect(records).toHaveLength(9); // The ninth passes the limit of 64 MiB.
  expect(total).toBe(12);
});

test('a store that fails is not a damaged record', async () => {
  const { repository } = await withRecords(whole([1]));
  const failing = { ...repository, store: { ...repository.store, find: () => Promise.reject(new Error('offline')) } };
  await expect(readRunRecords(failing, { newest: 1 })).rejects.toThrow('offline');
});
