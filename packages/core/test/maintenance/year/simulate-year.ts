/**
 * A device, day by day: people edit, a run in the evening, a night in the morning. Real code over a store without packs'
 * bytes; docs/collection-figures.md has what comes of it.
 */
import {
  BUCKET_SETTINGS,
  DEFAULT_POLICY,
  MiB,
  devicePrefix,
  listPacks,
  listSnapshots,
  maintainDevice,
  makeRunId,
  parseDeviceId,
  writePolicy,
} from '../../../src/index.ts';
import { readIndexOutline } from '../../../src/repository/index-outline.ts';
import type { NightResult, NightSettings, ObjectStore, Repository, RunId } from '../../../src/index.ts';
import { randomOf } from '../office-fleet.ts';
import { DAY_MS, HOUR_MS } from '../night-bench.ts';
import { SimulatedAgent } from './simulated-agent.ts';
import { SimulatedFolders } from './simulated-folders.ts';
import type { Workload } from './simulated-folders.ts';
import { REQUEST_KINDS, sizesOnlyStore } from './sizes-only-store.ts';
import type { Requests, SizesOnlyStore } from './sizes-only-store.ts';

/** Before this day no snapshot has expired, and nothing is asked of what is stored. */
const FIRST_DAY_MEASURED = 35;
const PACK_BYTES = 32 * MiB;
const NIGHT_JITTER_MS = 10 * 60_000;

export interface YearPlan {
  readonly days: number;
  readonly workload: Workload;
  readonly chunks?: number;
  /** Of all chunks, those that change in a day. */
  readonly changedShare?: number;
  readonly daysBetweenRuns?: number;
  /** So many folders, each backed up by runs of its own; the second half as large as the first, and so on. */
  readonly roots?: number;
  /** At which runs after the first close packs; 32 MiB is usual, less for a slow uplink. */
  readonly packBytes?: number;
  readonly settings?: Partial<NightSettings>;
  readonly seed?: number;
}

export interface YearFigures {
  /** Stored bytes for each that listed snapshots need, from day 35 on. */
  readonly storedPerNeeded: { readonly mean: number; readonly max: number };
  /** Bytes sent again for packs that nights retired, for each byte that changed. */
  readonly resavedPerChanged: number;
  /** Of index segments that no other has replaced: most over 8 and one for each run since the last compaction. */
  readonly segmentsOver: number;
  readonly segmentsMax: number;
  readonly objects: { readonly mean: number; readonly max: number };
  readonly packs: { readonly data: number; readonly meta: number };
  readonly requests: { readonly mean: Requests; readonly max: Requests };
  /** Of the bytes that a device had, the most that a night removed. */
  readonly removedShareMax: number;
  readonly deferredBytes: number;
}

export async function simulateYear(plan: YearPlan): Promise<YearFigures> {
  const year = await SimulatedYear.begin(plan);
  for (let day = 0; day < plan.days; day++) await year.day(day);
  return year.figures();
}

class SimulatedYear {
  readonly #plan: YearPlan;
  readonly #random: () => number;
  readonly #store: SizesOnlyStore;
  readonly #repository: Repository<ObjectStore>;
  readonly #agent: SimulatedAgent;
  readonly #folders: readonly SimulatedFolders[];
  /** Number of the run among those of its folders. */
  readonly #numbers = new Map<RunId, readonly [folders: SimulatedFolders, number: number]>();
  #now = Date.UTC(2026, 0, 1);
  #changed = 0;
  #resaved = 0;
  #runsSinceCompaction = 0;
  #segmentsOver = -Infinity;
  #segmentsMax = 0;
  #removedShareMax = 0;
  #deferredBytes = 0;
  readonly #ratios: number[] = [];
  readonly #objects: number[] = [];
  readonly #requests: Requests[] = [];

  static async begin(plan: YearPlan): Promise<SimulatedYear> {
    const year = new SimulatedYear(plan);
    const random = (): Uint8Array => Buffer.from([0, 0, 0, 1]);
    await writePolicy({ policy: DEFAULT_POLICY, by: 'test' }, { store: year.#store, now: year.#time(), random });
    return year;
  }

  private constructor(plan: YearPlan) {
    this.#plan = plan;
    this.#random = randomOf(plan.seed ?? 1);
    this.#store = sizesOnlyStore(() => new Date((this.#now += 50)));
    this.#repository = { store: this.#store, device: parseDeviceId('desk-1'), voidRule: true };
    this.#agent = new SimulatedAgent(this.#repository, this.#random);
    const { workload, roots = 1, chunks = 20_000, changedShare = 0.01 } = plan;
    const parts = 2 ** roots - 1;
    this.#folders = Array.from({ length: roots }, (_, i) => {
      const part = 2 ** (roots - 1 - i) / parts;
      return new SimulatedFolders(
        { root: `/home/${i}`, chunks: Math.round(chunks * part), workload, changedShare },
        this.#random,
      );
    });
  }

  async day(day: number): Promise<void> {
    const { daysBetweenRuns = 1, packBytes = PACK_BYTES } = this.#plan;
    for (const [i, folders] of this.#folders.entries()) {
      if (day > 0) folders.edit();
      if (day % daysBetweenRuns !== 0) continue;
      this.#now = this.#at(day, 18 + i);
      const { run, newBytes, resavedBytes } = await this.#agent.run(
        folders,
        this.#time(),
        day === 0 ? PACK_BYTES : packBytes,
      );
      this.#numbers.set(run, [folders, folders.runs - 1]);
      this.#runsSinceCompaction++;
      if (day > 0) this.#changed += newBytes;
      this.#resaved += resavedBytes;
    }
    await this.#measure(day);
    this.#now = this.#at(day, 24 + 4) + this.#random() * NIGHT_JITTER_MS;
    await this.#night();
    await this.#measure(day);
  }

  async figures(): Promise<YearFigures> {
    const packs = await listPacks(this.#repository);
    return {
      storedPerNeeded: { mean: mean(this.#ratios), max: Math.max(...this.#ratios) },
      resavedPerChanged: this.#resaved / this.#changed,
      segmentsOver: this.#segmentsOver,
      segmentsMax: this.#segmentsMax,
      objects: { mean: mean(this.#objects), max: Math.max(...this.#objects) },
      packs: {
        data: packs.filter(({ kind }) => kind === 'data').length,
        meta: packs.filter(({ kind }) => kind === 'meta').length,
      },
      requests: {
        mean: ofRequests((kind) => mean(this.#requests.map((requests) => requests[kind]))),
        max: ofRequests((kind) => Math.max(...this.#requests.map((requests) => requests[kind]))),
      },
      removedShareMax: this.#removedShareMax,
      deferredBytes: this.#deferredBytes,
    };
  }

  async #night(): Promise<void> {
    const id = makeRunId(this.#time(), Buffer.from([0xff, 0, 0, 1]));
    const settings = { ...BUCKET_SETTINGS, ...this.#plan.settings };
    this.#store.takeRequests();
    const { result } = await maintainDevice(
      this.#repository,
      { id, settings, isReported: true },
      { hasTime: () => true },
    );
    this.#requests.push(this.#store.takeRequests());
    const [refusal] = result.refusals;
    if (refusal !== undefined) throw new Error(`a night refused its work: ${refusal.message}`);
    if (result.verification.findingCount > 0) throw new Error(`${result.verification.findings[0]?.key} is missing`);
    this.#noteRemoval(result.packs);
    if (result.index.compacted !== null) this.#runsSinceCompaction = 0;
  }

  #noteRemoval({ data, meta, removed, deferred }: NightResult['packs']): void {
    this.#removedShareMax = Math.max(this.#removedShareMax, removed.bytes / (data.bytes + meta.bytes));
    this.#deferredBytes += deferred.bytes;
  }

  async #measure(day: number): Promise<void> {
    const { device } = this.#repository;
    const { objects } = await this.#store.list(devicePrefix(device));
    this.#objects.push(objects.length);
    const segments = await this.#activeSegments();
    this.#segmentsMax = Math.max(this.#segmentsMax, segments);
    this.#segmentsOver = Math.max(this.#segmentsOver, segments - 8 - this.#runsSinceCompaction);
    if (day < FIRST_DAY_MEASURED) return;
    const stored = (await listPacks(this.#repository)).reduce((sum, { object }) => sum + object.bytes, 0);
    const listed = (await listSnapshots(this.#repository)).map(({ name }) =>
      this.#numbers.get(name.slice(0, 25) as RunId),
    );
    const needed = this.#folders.reduce((sum, folders) => {
      const runs = listed.flatMap((number) => (number?.[0] === folders ? [number[1]] : []));
      return sum + folders.neededBytes(new Set(runs));
    }, 0);
    this.#ratios.push(stored / needed);
  }

  /** Those that no compacted segment replaces. */
  async #activeSegments(): Promise<number> {
    const { store, device } = this.#repository;
    const { objects } = await store.list(`${devicePrefix(device)}index/`);
    const replaced = new Set<string>();
    for (const object of objects.filter(({ key }) => key.endsWith('-c')))
      for (const name of (await readIndexOutline(store, object)).info.replaces) replaced.add(name);
    return objects.filter(({ key }) => !replaced.has(key.slice(key.lastIndexOf('/') + 1))).length;
  }

  #at(day: number, hours: number): number {
    return Date.UTC(2026, 0, 1) + day * DAY_MS + hours * HOUR_MS;
  }

  #time(): Date {
    return new Date(this.#now);
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const ofRequests = (of: (kind: keyof Requests) => number): Requests =>
  Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, of(kind)])) as Requests;
