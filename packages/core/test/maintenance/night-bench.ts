/**
 * A device's part of a repository in memory, with a store clock that a test turns on, and nights over it. Nights never
 * look into packs, so packs here are any bytes of the wanted length.
 */
import {
  BUCKET_SETTINGS,
  encodeIndexSegment,
  encodePackRanges,
  encodeRunRecord,
  encodeSnapshot,
  indexKey,
  listPacks,
  listSnapshots,
  maintainDevice,
  makeRunId,
  memoryStore,
  packKey,
  packText,
  parseDeviceId,
  runRecordKey,
  snapshotKey,
  snapshotName,
  writePolicy,
} from '../../src/index.ts';
import type {
  IndexedPack,
  NightResult,
  NightSettings,
  ObjectStore,
  ObjectUndeleter,
  PackKind,
  PackPlace,
  Repository,
  RetentionPolicy,
  RunId,
  Snapshot,
  SnapshotName,
} from '../../src/index.ts';

export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;

export interface RunSpec {
  /** Lengths of the new packs. */
  readonly data?: readonly number[];
  readonly meta?: readonly number[];
  /** Packs of earlier runs that the snapshot names too. */
  readonly also?: readonly PackPlace[];
  /** Live bytes of packs of which little is used, by packText. */
  readonly live?: Readonly<Record<string, number>>;
  readonly roots?: readonly string[];
  readonly finished?: boolean;
  /** The run ends before its snapshot. */
  readonly cutOff?: boolean;
  readonly withoutIndex?: boolean;
  readonly files?: number;
}

export class NightBench {
  readonly store: ObjectStore & ObjectUndeleter;
  readonly repository: Repository<ObjectStore & ObjectUndeleter>;
  readonly device = parseDeviceId('desk-1');
  #now = Date.UTC(2026, 0, 1);
  #runs = 0;
  #nights = 0;

  constructor() {
    this.store = memoryStore({ now: () => this.now });
    this.repository = { store: this.store, device: this.device, voidRule: true };
  }

  get now(): Date {
    return new Date(this.#now);
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  async policy(policy: RetentionPolicy): Promise<void> {
    await writePolicy({ policy, by: 'test' }, this.wordDeps());
  }

  wordDeps() {
    return { store: this.store, now: this.now, random: () => Buffer.from([0, 0, 0, ++this.#nights]) };
  }

  /** Backs up: new packs, an index, a snapshot that names them, a run record. */
  async run(spec: RunSpec = {}): Promise<{ run: RunId; name: SnapshotName; packs: PackPlace[] }> {
    const run = makeRunId(new Date(Date.UTC(2026, 0, 1, 0, 0, this.#runs++)), Buffer.from([0, 0, 0, 1]));
    const packs = [
      ...(await this.#packs('data', run, spec.data ?? [])),
      ...(await this.#packs('meta', run, spec.meta ?? [1000])),
    ];
    const roots = [...(spec.roots ?? ['/home/ann'])];
    if (spec.withoutIndex !== true) {
      const info = { made: 'run' as const, roots, replaces: [] };
      await this.store.create(indexKey(this.device, run), [
        encodeIndexSegment(
          info,
          packs.map((pack) => ({ pack, segments: [] })),
        ),
      ]);
    }
    const name = snapshotName(run, 0);
    if (spec.cutOff !== true) await this.#commit(name, run, roots, [...packs, ...(spec.also ?? [])], spec);
    return { run, name, packs };
  }

  async night(settings: Partial<NightSettings> = {}, name?: RunId): Promise<NightResult> {
    const id = name ?? makeRunId(this.now, Buffer.from([0xff, 0, 0, ++this.#nights]));
    const night = { id, settings: { ...BUCKET_SETTINGS, ...settings }, isReported: true };
    return (await maintainDevice(this.repository, night, { hasTime: () => true })).result;
  }

  async packs(): Promise<string[]> {
    return (await listPacks(this.repository)).map(packText);
  }

  async snapshots(): Promise<SnapshotName[]> {
    return (await listSnapshots(this.repository)).map(({ name }) => name);
  }

  async #packs(kind: PackKind, run: RunId, lengths: readonly number[]): Promise<IndexedPack[]> {
    const packs: IndexedPack[] = [];
    for (const [number, bytes] of lengths.entries()) {
      const place = { kind, run, number };
      const { etag, checksum } = await this.store.create(packKey(this.device, place), [Buffer.alloc(bytes, number)]);
      packs.push({ ...place, bytes, etag, checksum });
    }
    return packs;
  }

  async #commit(
    name: SnapshotName,
    run: RunId,
    roots: readonly string[],
    packs: readonly PackPlace[],
    spec: RunSpec,
  ): Promise<void> {
    const machine = { id: 'machine', host: 'desk', user: 'ann', system: 'test', agent: '0' };
    const time = this.now.toISOString();
    const live = { data: {}, meta: {} } as Record<PackKind, Record<string, Record<string, number>>>;
    for (const pack of packs) {
      const bytes = spec.live?.[packText(pack)];
      if (bytes !== undefined) (live[pack.kind][pack.run] ??= {})[String(pack.number)] = bytes;
    }
    const page = { root: 0, path: '', id: '0'.repeat(64), run, pack: 0, offset: 0, storedBytes: 1, rawBytes: 1 };
    const files = spec.files ?? 10;
    const snapshot = {
      version: 1,
      name,
      run,
      device: this.device,
      machine,
      started: time,
      basis: time,
      finished: spec.finished ?? true,
      roots: roots.map((path, i) => ({ path, label: `r${i}`, state: 'walked' as const })),
      tags: [],
      totals: { files, folders: 1, others: 0, bytes: 1000 * files, unreadable: 0 },
      pages: [page],
      packs: { data: rangesOf('data', packs), meta: rangesOf('meta', packs) },
      live,
    } as unknown as Snapshot;
    await this.store.create(snapshotKey(this.device, name), [encodeSnapshot(snapshot)]);
    await this.store.create(runRecordKey(this.device, run), [
      encodeRunRecord({
        version: 1,
        run,
        device: this.device,
        machine,
        started: time,
        ended: time,
        outcome: 'finished',
        exitCode: 0,
        roots: [...roots],
        counts: {
          filesNew: 0,
          filesChanged: 0,
          filesUnchanged: files,
          filesDeleted: 0,
          filesUnreadable: 0,
          folders: 1,
          chunksNew: 0,
          chunksIncompressible: 0,
          packs: packs.length,
          objects: packs.length + 3,
        },
        bytes: { total: 1000 * files, read: 0, new: 0, uploaded: 500 },
        problemCount: 0,
        problems: [],
      }),
    ]);
  }
}

function rangesOf(kind: PackKind, packs: readonly PackPlace[]) {
  const numbers = new Map<RunId, number[]>();
  for (const pack of packs)
    if (pack.kind === kind) numbers.set(pack.run, [...(numbers.get(pack.run) ?? []), pack.number]);
  return encodePackRanges(numbers);
}
