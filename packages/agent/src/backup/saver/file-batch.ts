/**
 * Many small files at once, on their way to a saver thread and back: one array of numbers, one of ids and one of
 * catalog lines for all of them. An object for each file would cost both threads more than reading it.
 */
import { EntryLines } from '../entry-lines.ts';

const ID_BYTES = 32;

/** Files of one root that are to be read whole. */
export interface FileBatch {
  /** Number of the root in the catalog, and where it is. */
  readonly root: number;
  readonly rootPath: string;
  /** Below the root; bytes that are not UTF-8 escaped as in entry-path.ts. */
  readonly paths: readonly string[];
  /** A moment before the first of them is opened, ms since 1970. */
  readonly opened: number;
  /** Names of the owners that the walk has seen; undefined for one that has none. */
  readonly users: ReadonlyMap<number, string | undefined>;
  readonly groups: ReadonlyMap<number, string | undefined>;
}

/** What became of the files of a batch, in its order. */
export interface SavedBatch {
  /** For each file: outcome, bytes, where its ids end (counted in ids), where its line ends. */
  readonly columns: Uint32Array;
  readonly ids: Uint8Array;
  /** In the form of entry-lines.ts. */
  readonly lines: Uint8Array;
  /** Of those that cannot be read, in order. */
  readonly reasons: readonly string[];
}

const OUTCOMES = ['saved', 'changed', 'gone', 'unreadable', 'unlike'] as const;
/**
 * `changed`: saved, but it kept changing while it was read. `unlike`: to be saved on its own, for it has grown too large
 * to be read whole or has another owner since it was walked.
 */
export type BatchOutcome = (typeof OUTCOMES)[number];
const COLUMNS = 4;

export interface SavedInBatch {
  readonly outcome: BatchOutcome;
  readonly bytes: number;
  readonly ids: Uint8Array;
  readonly line: Uint8Array;
  readonly reason: string | undefined;
}

/** Collects what becomes of the files of one batch after the other. */
export class SavedBatchBuilder {
  readonly #lines = new EntryLines();
  readonly #columns: number[] = [];
  readonly #reasons: string[] = [];
  #ids = Buffer.allocUnsafeSlow(256 * ID_BYTES);
  #chunks = 0;

  /** Ids so far, for `forgetIds`. */
  get chunks(): number {
    return this.#chunks;
  }

  /** Adds the id of a chunk of the next file, as hexadecimal digits; returns where it lies. */
  addId(id: string): number {
    const at = this.#chunks++ * ID_BYTES;
    if (at === this.#ids.length) this.#ids = Buffer.concat([this.#ids, Buffer.allocUnsafeSlow(at)]);
    this.#ids.write(id, at, 'hex');
    return at;
  }

  /** Drops the ids after so many. */
  forgetIds(chunks: number): void {
    this.#chunks = chunks;
  }

  /** The ids so far; a view that is good until `take`. */
  get ids(): Uint8Array {
    return this.#ids.subarray(0, this.#chunks * ID_BYTES);
  }

  saved(bytes: number, changed: boolean, line: string): void {
    this.#lines.add(line);
    this.#push(changed ? 'changed' : 'saved', bytes);
  }

  notSaved(outcome: 'gone' | 'unlike'): void {
    this.#push(outcome, 0);
  }

  unreadable(reason: string): void {
    this.#reasons.push(reason);
    this.#push('unreadable', 0);
  }

  /** All of it, in memory of its own. */
  take(): SavedBatch {
    const batch = {
      columns: Uint32Array.from(this.#columns),
      ids: Uint8Array.prototype.slice.call(this.ids),
      lines: Uint8Array.prototype.slice.call(this.#lines.take()),
      reasons: [...this.#reasons],
    };
    this.#columns.length = 0;
    this.#reasons.length = 0;
    this.#chunks = 0;
    return batch;
  }

  #push(outcome: BatchOutcome, bytes: number): void {
    this.#columns.push(OUTCOMES.indexOf(outcome), bytes, this.#chunks, this.#lines.length);
  }
}

/** The files of a batch one by one, in its order. */
export function* filesOf({ columns, ids, lines, reasons }: SavedBatch): Generator<SavedInBatch, void, undefined> {
  let chunk = 0;
  let line = 0;
  let nextReason = 0;
  for (let at = 0; at < columns.length; at += COLUMNS) {
    const outcome = OUTCOMES[columns[at] as number] as BatchOutcome;
    const [chunkEnd, lineEnd] = [columns[at + 2] as number, columns[at + 3] as number];
    yield {
      outcome,
      bytes: columns[at + 1] as number,
      ids: ids.subarray(chunk * ID_BYTES, chunkEnd * ID_BYTES),
      line: lines.subarray(line, lineEnd),
      reason: outcome === 'unreadable' ? reasons[nextReason++] : undefined,
    };
    chunk = chunkEnd;
    line = lineEnd;
  }
}
