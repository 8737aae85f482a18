/** What a device has in a bucket after a year of daily backups: lengths, counts and ages as its shape says. */
import { createHash, randomBytes } from 'node:crypto';
import {
  INDEX_RECORD_BYTES,
  compactedIndexKey,
  encodeIndexSegment,
  encodeMarks,
  encodePackRanges,
  encodeRunRecord,
  encodeSnapshot,
  indexKey,
  indexPrefix,
  makeRunId,
  marksKey,
  packKey,
  packText,
  runRecordKey,
  snapshotKey,
  snapshotName,
} from '@backup-agent/core';
import type { DeviceId, IndexedPack, ObjectKey, PackKind, PlacedSegment, RunId, Snapshot } from '@backup-agent/core';
import { landedRecord } from '@backup-agent/core/test-kit';
import type { Objects } from './light-s3.ts';

export interface DeviceShape {
  readonly files: number;
  readonly bytes: number;
  /** Data packs of the first backup, and of each run since. */
  readonly firstPacks: number;
  readonly runPacks: number;
  /** Daily ones; the oldest is older than the policy keeps. */
  readonly snapshots: number;
  /** Records are kept for 400 days. */
  readonly runRecords: number;
  readonly chunksPerPack: number;
  /** Segments of the index besides the first, in records. */
  readonly indexSegments: readonly number[];
}

const DAY_MS = 24 * 3_600_000;
const PACK_BYTES = 32 * 1024 * 1024;
const META_BYTES = 300_000;
/** A pack of a run is as much alive, at a change of 1 % a day, after so many days. */
const liveShare = (ageDays: number): number => 0.99 ** ageDays;
/** Pages of a catalog: one for so many files. */
const FILES_PER_PAGE = 250;
/** Above so many, the snapshot names lists of pages. */
const PAGES_INLINE_MAX = 400;
const PAGES_PER_LIST = 400;

interface Run {
  readonly id: RunId;
  readonly ageDays: number;
  readonly packs: readonly IndexedPack[];
}

export function placeDevice(objects: Objects, device: DeviceId, shape: DeviceShape, now: Date): void {
  const ago = (days: number): Date => new Date(+now - days * DAY_MS);
  const put = (key: ObjectKey, content: Buffer, ageDays: number): void =>
    objects.put(key, { content, bytes: content.length, etag: md5(key), modified: ago(ageDays) });
  const [gone, ...runs] = runsOf(shape, ago) as [Run, ...Run[]];
  for (const { ageDays, packs } of [gone, ...runs])
    for (const pack of packs) {
      const key = packKey(device, pack);
      objects.put(key, { content: undefined, bytes: pack.bytes, etag: pack.etag ?? '', modified: ago(ageDays) });
    }
  const [first, oldest, ...later] = runs as [Run, Run, ...Run[]];
  for (const run of [oldest, ...later]) {
    // What only the oldest needs is dead when that has expired.
    const named = run === oldest ? [first, oldest] : [first, ...later.slice(0, later.indexOf(run) + 1)];
    const snapshot = snapshotOf(device, run, named, { shape, landed: ago(run.ageDays) });
    put(snapshotKey(device, snapshot.name), encodeSnapshot(snapshot), run.ageDays);
  }
  for (let n = 0; n < shape.runRecords; n++) {
    const ageDays = n + 1.1;
    const id = runs.find((run) => run.ageDays === ageDays)?.id ?? runId(ago(ageDays), n);
    put(runRecordKey(device, id), recordOf(device, id, shape, ago(ageDays)), ageDays);
  }
  placeIndex(put, device, runs, shape);
  placeMarks(put, device, gone);
}

const runId = (time: Date, n: number): RunId => makeRunId(time, Buffer.from([0, 0, n >> 8, n & 255]));
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** A run whose snapshot has gone, the first backup, then a run for each snapshot, oldest first. */
function runsOf(shape: DeviceShape, ago: (days: number) => Date): Run[] {
  const { firstPacks, runPacks, snapshots } = shape;
  const run = (n: number, ageDays: number, data: number, meta: number): Run => {
    const id = runId(ago(ageDays), n);
    const packs = (kind: PackKind, count: number, bytes: number): IndexedPack[] =>
      Array.from({ length: count }, (_, number) => {
        const place = { kind, run: id, number };
        return { ...place, bytes, etag: md5(packText(place)), checksum: undefined };
      });
    return { id, ageDays, packs: [...packs('data', data, PACK_BYTES), ...packs('meta', meta, META_BYTES)] };
  };
  return [
    run(1000, snapshots + 1.1, runPacks, 1),
    run(0, 365, firstPacks, Math.ceil(firstPacks / 100)),
    ...Array.from({ length: snapshots }, (_, i) => run(i + 1, snapshots - i + 0.1, runPacks, 1)),
  ];
}

interface SnapshotFacts {
  readonly shape: DeviceShape;
  readonly landed: Date;
}

/** It names all packs there were; of most it uses a part. */
function snapshotOf(
  device: DeviceId,
  { id, ageDays }: Run,
  runs: readonly Run[],
  { shape, landed }: SnapshotFacts,
): Snapshot {
  const numbers: Record<PackKind, Map<RunId, number[]>> = { data: new Map(), meta: new Map() };
  const live: Record<PackKind, Record<string, Record<string, number>>> = { data: {}, meta: {} };
  for (const run of runs) {
    const share = liveShare(Math.min(30, run.ageDays - ageDays));
    for (const { kind, number, bytes } of run.packs) {
      const list = numbers[kind].get(run.id) ?? [];
      list.push(number);
      numbers[kind].set(run.id, list);
      if (share < 0.9) (live[kind][run.id] ??= {})[String(number)] = Math.floor(bytes * share) - number;
    }
  }
  const pageCount = Math.ceil(shape.files / FILES_PER_PAGE);
  const isListed = pageCount > PAGES_INLINE_MAX;
  const references = Array.from({ length: isListed ? Math.ceil(pageCount / PAGES_PER_LIST) : pageCount }, (_, i) => ({
    root: 0,
    path: `Documents/projects/${i}/reports/quarter-${i % 4}.docx`,
    id: createHash('sha256').update(`${i}`).digest('hex'),
    run: id,
    pack: 0,
    offset: i * 10_000,
    storedBytes: 9_000,
    rawBytes: 64_000,
  })) as unknown as NonNullable<Snapshot['pages']>;
  const time = landed.toISOString();
  return {
    version: 1,
    name: snapshotName(id, 0),
    run: id,
    device,
    machine: machineOf(device),
    started: time,
    basis: time,
    finished: true,
    roots: [{ path: '/home/ann', label: 'ann', state: 'walked' }],
    tags: [],
    totals: { files: shape.files, folders: shape.files / 20, others: 0, bytes: shape.bytes, unreadable: 0 },
    ...(isListed ? { pageLists: references } : { pages: references }),
    packs: { data: encodePackRanges(numbers.data), meta: encodePackRanges(numbers.meta) },
    live,
  };
}

const machineOf = (device: DeviceId) => ({ id: 'machine', host: device, user: 'ann', system: 'linux', agent: '1.0.0' });

function recordOf(device: DeviceId, run: RunId, shape: DeviceShape, landed: Date): Buffer {
  const filesChanged = Math.round(shape.files / 100);
  const counts = { filesChanged, filesUnchanged: shape.files - filesChanged, chunksNew: filesChanged };
  const uploaded = shape.runPacks * PACK_BYTES;
  const record = {
    run,
    device,
    machine: machineOf(device),
    roots: ['/home/ann'],
    newEndings: ['.docx', '.xlsx', '.pdf'].map((ending) => ({ ending, files: 5 })),
    bytes: { total: shape.bytes, read: uploaded, new: uploaded, uploaded },
  };
  return encodeRunRecord(landedRecord({ landed, record, counts }).record);
}

type Put = (key: ObjectKey, content: Buffer, ageDays: number) => void;

/** A large segment, smaller ones, and one that the last night compacted, with two that it replaced. */
function placeIndex(put: Put, device: DeviceId, runs: readonly Run[], shape: DeviceShape): void {
  const [first, ...others] = runs as [Run, ...Run[]];
  const info = { made: 'run' as const, roots: ['/home/ann'], replaces: [] };
  put(
    indexKey(device, first.id),
    segmentOf(info, first.packs, first.packs.length * shape.chunksPerPack),
    first.ageDays,
  );
  const newest = others.slice(-shape.indexSegments.length);
  for (const [i, records] of shape.indexSegments.entries()) {
    const run = newest[i];
    if (run !== undefined) put(indexKey(device, run.id), segmentOf(info, run.packs, records), run.ageDays);
  }
  const compacted = others.slice(0, -shape.indexSegments.length);
  const replaced = compacted.slice(-2);
  for (const run of replaced) put(indexKey(device, run.id), segmentOf(info, run.packs, 200), run.ageDays);
  const merged = {
    made: 'compaction' as const,
    roots: [],
    replaces: replaced.map(({ id }) => indexKey(device, id).slice(indexPrefix(device).length)),
  };
  const packs = compacted.flatMap((run) => run.packs);
  put(compactedIndexKey(device, runId(new Date(0), 1)), segmentOf(merged, packs, packs.length * 50), 1.01);
}

/** Cut from one pool of ids: what they are does not matter, and each segment costs little to make. */
let pool: Buffer | undefined;
const segments = new Map<string, Buffer>();

function segmentOf(
  info: Parameters<typeof encodeIndexSegment>[0],
  packs: readonly IndexedPack[],
  records: number,
): Buffer {
  // The same for each device of one shape.
  const name = JSON.stringify([info.replaces, packs[0]?.run, packs.length, records]);
  const known = segments.get(name);
  if (known !== undefined) return known;
  const perPack = Math.max(1, Math.floor(records / Math.max(1, packs.length)));
  pool ??= randomBytes(32 * 1024 * 1024);
  const ids = pool;
  const made = encodeIndexSegment(
    info,
    packs.map((pack, i) => ({
      pack,
      segments: [placed(ids, (i * perPack * 32) % (ids.length - perPack * 32), perPack)],
    })),
  );
  if (made.length < perPack * INDEX_RECORD_BYTES) throw new Error('a segment holds its records');
  segments.set(name, made);
  return made;
}

const placed = (ids: Buffer, at: number, chunks: number): PlacedSegment =>
  ({
    offset: 0,
    storedBytes: chunks * 1000,
    rawBytes: chunks * 1000,
    ids: ids.subarray(at, at + chunks * 32),
    lengths: new Uint32Array(chunks).fill(1000),
  }) as unknown as PlacedSegment;

/** The packs of a run whose snapshot went the night before: they are marked, and this night removes them. */
function placeMarks(put: Put, device: DeviceId, gone: Run): void {
  const marks = gone.packs.map((pack) => ({ pack: packText(pack), state: 'dead' as const, since: null }));
  put(marksKey(device, 1), encodeMarks({ version: 1, sequence: 1, marks: [] }), 2.01);
  put(marksKey(device, 2), encodeMarks({ version: 1, sequence: 2, marks }), 1.01);
}
