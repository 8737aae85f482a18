/**
 * What a backup run does to the store, without reading or sending a byte of documents: it rests on usable packs only,
 * saves what is new and what lies elsewhere, and commits. Listings, index, snapshot and commit are the real ones.
 */
import {
  commitSnapshot,
  encodeIndexSegment,
  encodePackRanges,
  encodeRunRecord,
  indexKey,
  listUsablePacks,
  makeRunId,
  packKey,
  packText,
  runRecordKey,
  snapshotName,
} from '../../../src/index.ts';
import type {
  IndexedPack,
  ObjectStore,
  PackKind,
  PackPlace,
  PlacedSegment,
  Repository,
  RunId,
  Snapshot,
} from '../../../src/index.ts';
import { landedRecord } from '../landed-record.ts';
import type { SimulatedFolders, Version } from './simulated-folders.ts';
import { statedLength } from './sizes-only-store.ts';

/** As packUseOf of the agent: a pack that is used more is not worth a word. */
const LIVE_SHARE = 0.9;
/** In the directory of a pack, of a segment with one chunk; and the pack's footer. */
const DIRECTORY_BYTES = 16 + 36;
const FOOTER_BYTES = 48;

export interface RunFigures {
  readonly run: RunId;
  /** Stored bytes of what the folders had not held before; 0 counts for nothing in a first run. */
  readonly newBytes: number;
  /** Stored bytes of what lay in packs that may not be used any more. */
  readonly resavedBytes: number;
}

interface SimulatedPack {
  readonly place: PackPlace;
  readonly text: string;
  storedBytes: number;
}

export class SimulatedAgent {
  readonly #repository: Repository<ObjectStore>;
  readonly #random: () => number;
  readonly #packOf = new Map<Version, SimulatedPack>();

  constructor(repository: Repository<ObjectStore>, random: () => number) {
    this.#repository = repository;
    this.#random = random;
  }

  /** Backs the folders up; packs are closed at this size. */
  async run(folders: SimulatedFolders, now: Date, packBytesMax: number): Promise<RunFigures> {
    const run = makeRunId(now, Buffer.from([0, 0, 0, Math.floor(this.#random() * 256)]));
    const { usable } = await listUsablePacks(this.#repository);
    const { versions, isNew } = folders.walk();
    const isLost = (version: Version): boolean => !usable.has(this.#packOf.get(version)?.text ?? '');
    const toSave = versions.filter((version) => isNew(version) || isLost(version));
    const packs = [
      ...(await this.#save('data', run, toSave, packBytesMax)),
      ...(await this.#save('meta', run, toSave, packBytesMax)),
    ];
    const { store, device } = this.#repository;
    const info = { made: 'run' as const, roots: [folders.root], replaces: [] };
    await store.create(indexKey(device, run), [encodeIndexSegment(info, packs)]);
    await this.#commit(run, folders.root, versions, now);
    const bytesOf = (choose: (version: Version) => boolean): number =>
      toSave.filter(choose).reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    return { run, newBytes: bytesOf(isNew), resavedBytes: bytesOf((version) => !isNew(version)) };
  }

  /** In the order of the catalog, what is saved anew between what is new. */
  async #save(kind: PackKind, run: RunId, toSave: readonly Version[], packBytesMax: number) {
    const { store, device } = this.#repository;
    const packs: { pack: IndexedPack; segments: PlacedSegment[] }[] = [];
    for (const versions of filled(
      toSave.filter((version) => version.kind === kind),
      packBytesMax,
    )) {
      const place = { kind, run, number: packs.length };
      const pack = { place, text: packText(place), storedBytes: 0 };
      const segments: PlacedSegment[] = [];
      for (const version of versions) {
        const { id, storedBytes, rawBytes } = version;
        const lengths = Uint32Array.of(rawBytes);
        segments.push({ offset: pack.storedBytes, storedBytes, rawBytes, crc32: 0, ids: id, lengths });
        pack.storedBytes += storedBytes;
        this.#packOf.set(version, pack);
      }
      const bytes = pack.storedBytes + versions.length * DIRECTORY_BYTES + FOOTER_BYTES;
      await store.create(packKey(device, place), [statedLength(bytes)]);
      // The store made up an ETag of its own, which listings show.
      packs.push({ pack: { ...place, bytes, etag: undefined, checksum: undefined }, segments });
    }
    return packs;
  }

  async #commit(run: RunId, root: string, versions: readonly Version[], now: Date): Promise<void> {
    const { store, device } = this.#repository;
    const used = new Map<SimulatedPack, number>();
    for (const version of versions) {
      const pack = this.#packOf.get(version) as SimulatedPack;
      used.set(pack, (used.get(pack) ?? 0) + version.storedBytes);
    }
    const name = snapshotName(run, 0);
    const record = landedRecord({ landed: now, record: { run, device, roots: [root] } }).record;
    const page = { root: 0, path: '', id: '0'.repeat(64), run, pack: 0, offset: 0, storedBytes: 1, rawBytes: 1 };
    const { outcome } = await commitSnapshot(
      {
        roots: [root],
        packs: [...used.keys()].map(({ text }) => text),
        neededPacks: async () => Promise.resolve(new Set([...used.keys()].map(({ text }) => text))),
        snapshot: (basis) =>
          ({
            version: 1,
            name,
            run,
            device,
            machine: record.machine,
            started: now.toISOString(),
            basis: basis.toISOString(),
            finished: true,
            roots: [{ path: root, label: 'files', state: 'walked' }],
            tags: [],
            totals: { files: versions.length, folders: 1, others: 0, bytes: 1, unreadable: 0 },
            pages: [page],
            ...packsAndLive(used),
          }) as unknown as Snapshot,
      },
      { repository: this.#repository, wait: async () => Promise.resolve() },
    );
    if (outcome !== 'committed') throw new Error(`nights mark no pack during a run, and yet: ${outcome}`);
    await store.create(runRecordKey(device, run), [encodeRunRecord(record)]);
  }
}

function* filled(versions: readonly Version[], bytesMax: number): Generator<Version[]> {
  let pack: Version[] = [];
  let bytes = 0;
  for (const version of versions) {
    pack.push(version);
    bytes += version.storedBytes;
    if (bytes < bytesMax) continue;
    yield pack;
    [pack, bytes] = [[], 0];
  }
  if (pack.length > 0) yield pack;
}

function packsAndLive(used: ReadonlyMap<SimulatedPack, number>): Pick<Snapshot, 'packs' | 'live'> {
  const numbers = { data: new Map<RunId, number[]>(), meta: new Map<RunId, number[]>() };
  const live: Record<PackKind, Record<string, Record<string, number>>> = { data: {}, meta: {} };
  for (const [{ place, storedBytes }, bytes] of used) {
    const { kind, run, number } = place;
    const ofRun = numbers[kind].get(run) ?? [];
    numbers[kind].set(run, ofRun);
    ofRun.push(number);
    if (bytes < LIVE_SHARE * storedBytes) (live[kind][run] ??= {})[String(number)] = bytes;
  }
  return { packs: { data: encodePackRanges(numbers.data), meta: encodePackRanges(numbers.meta) }, live };
}
