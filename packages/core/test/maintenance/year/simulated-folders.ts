/**
 * Folders that people work in, as chunks: which there are, which of them change in a day, and which a snapshot needs.
 * A version is what a chunk, or a page of the catalog, was from one run to another.
 */
import { hash } from 'node:crypto';
import { KiB } from '../../../src/index.ts';
import type { PackKind } from '../../../src/index.ts';

/** Uniform between these: 1 MiB on average, as the chunker cuts. */
const RAW_BYTES_MIN = 256 * KiB;
const RAW_BYTES_MAX = 1792 * KiB;
/** Of a document's bytes so much is left after compression. */
const STORED_SHARE = 0.6;
/** A page of the catalog names so many chunks. */
const PAGE_CHUNKS = 100;
const PAGE_RAW_BYTES = 40 * KiB;
/** Of what is edited, this part lies in that part of the chunks. */
const SKEWED = { edits: 0.8, chunks: 0.2 };

export type Workload = 'uniform' | 'skewed';

export interface Version {
  readonly kind: PackKind;
  readonly id: Buffer;
  readonly rawBytes: number;
  readonly storedBytes: number;
  /** Number of the run of these folders that saved it first. */
  readonly born: number;
  /** Number of the first run that found it gone. */
  died: number;
}

export interface FoldersSpec {
  readonly root: string;
  readonly chunks: number;
  readonly workload: Workload;
  /** Of all chunks, those that change in a day. */
  readonly changedShare: number;
}

export class SimulatedFolders {
  readonly root: string;
  /** Numbers of runs whose snapshots are listed are looked up in this; see neededBytes. */
  runs = 0;
  readonly #spec: FoldersSpec;
  readonly #random: () => number;
  readonly #chunks: Version[];
  readonly #pages: Version[];
  /** In the order in which edits choose them: the first ones are edited most. */
  readonly #order: number[];
  /** That some snapshot may need. */
  #versions: Version[] = [];
  #edited = new Set<number>();

  constructor(spec: FoldersSpec, random: () => number) {
    this.root = spec.root;
    this.#spec = spec;
    this.#random = random;
    this.#order = shuffled(spec.chunks, random);
    this.#chunks = Array.from({ length: spec.chunks }, () => this.#chunk());
    this.#pages = Array.from({ length: Math.ceil(spec.chunks / PAGE_CHUNKS) }, () => this.#page());
  }

  /** A day's edits. */
  edit(): void {
    const { chunks, changedShare, workload } = this.#spec;
    const today = new Set<number>();
    while (today.size < Math.round(chunks * changedShare)) {
      const part = workload === 'uniform' ? 1 : SKEWED.chunks;
      const isOften = workload === 'uniform' || this.#random() < SKEWED.edits;
      const at = isOften ? this.#random() * part : part + this.#random() * (1 - part);
      today.add(this.#order[Math.floor(at * chunks)] as number);
    }
    for (const chunk of today) this.#edited.add(chunk);
  }

  /** What a run finds: all versions of now, and which of them are new. */
  walk(): { readonly versions: readonly Version[]; readonly isNew: (version: Version) => boolean } {
    if (this.runs > 0) {
      for (const chunk of this.#edited) this.#replace(this.#chunks, chunk, this.#chunk());
      const pages = new Set([...this.#edited].map((chunk) => Math.floor(chunk / PAGE_CHUNKS)));
      for (const page of pages) this.#replace(this.#pages, page, this.#page());
    }
    this.#edited = new Set();
    const run = this.runs++;
    return { versions: [...this.#chunks, ...this.#pages], isNew: ({ born }) => born === run };
  }

  /** Stored bytes of what the snapshots of these runs need, each version once. */
  neededBytes(runs: ReadonlySet<number>): number {
    const until = [0];
    for (let run = 0; run < this.runs; run++) until.push((until[run] as number) + (runs.has(run) ? 1 : 0));
    const isNeeded = ({ born, died }: Version): boolean =>
      (until[Math.min(died, this.runs)] as number) > (until[born] as number);
    // Snapshots that are gone do not come back.
    this.#versions = this.#versions.filter((version) => version.died === Infinity || isNeeded(version));
    return this.#versions.reduce((sum, version) => sum + (isNeeded(version) ? version.storedBytes : 0), 0);
  }

  #replace(versions: Version[], at: number, version: Version): void {
    (versions[at] as Version).died = this.runs;
    versions[at] = version;
  }

  #chunk(): Version {
    return this.#version('data', Math.floor(RAW_BYTES_MIN + this.#random() * (RAW_BYTES_MAX - RAW_BYTES_MIN)));
  }

  #page(): Version {
    return this.#version('meta', PAGE_RAW_BYTES);
  }

  #version(kind: PackKind, rawBytes: number): Version {
    const id = Buffer.from(hash('sha256', `${this.root} ${versions++}`), 'hex');
    const storedBytes = Math.floor(rawBytes * STORED_SHARE);
    const version = { kind, id, rawBytes, storedBytes, born: this.runs, died: Infinity };
    this.#versions.push(version);
    return version;
  }
}

/** Only makes ids differ. */
let versions = 0;

function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other] as number, order[i] as number];
  }
  return order;
}
