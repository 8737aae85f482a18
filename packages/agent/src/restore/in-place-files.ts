/** Files that are there and are changed in place: what they have already, and what it costs them if that fails. */
import { isBackupError, isNodeError } from '@backup-agent/core';
import type { ChunkPlaces } from './chunk-places.ts';
import { differentUses } from './compare-file.ts';
import { IN_PLACE } from './file-flags.ts';
import type { FilePlan } from './file-plan.ts';
import type { OpenFiles } from './open-files.ts';
import type { FileWriters } from './protocol.ts';

export class InPlaceFiles {
  readonly #plan: FilePlan;
  readonly #open: OpenFiles;
  readonly #pool: FileWriters;
  readonly #places: ChunkPlaces;
  /** Uses of chunks that a file has already. */
  readonly #present = new Set<number>();
  /** Files of which parts went to be written. */
  readonly #touched = new Set<number>();

  constructor(plan: FilePlan, open: OpenFiles, pool: FileWriters, places: ChunkPlaces) {
    this.#plan = plan;
    this.#open = open;
    this.#pool = pool;
    this.#places = places;
  }

  has(file: number): boolean {
    return (this.#plan.flagsOf(file) & IN_PLACE) !== 0;
  }

  isPresent(use: number): boolean {
    return this.#present.has(use);
  }

  noteWrite(file: number): void {
    if (this.has(file)) this.#touched.add(file);
  }

  /** What is to be said besides why the file is lost. */
  costOf(file: number): string {
    return this.#touched.has(file) ? '; parts of its old content may be replaced' : '';
  }

  /** Only what differs is fetched. `fail` is told of files that cannot be compared. */
  async compareAll(
    files: readonly number[],
    fail: (file: number, error: NodeJS.ErrnoException) => void,
  ): Promise<void> {
    for (const file of files) {
      if (!this.has(file)) continue;
      try {
        const different = new Set(await this.compare(file));
        const [first, end] = this.#plan.usesOf(file);
        for (let use = first; use < end; use++) if (!different.has(use)) this.#present.add(use);
      } catch (error) {
        if (isBackupError(error)) throw error;
        // Read-only, or a program that runs: it cannot be changed, but another can take its place.
        if (isNodeError(error, 'EACCES', 'ETXTBSY')) this.#plan.replaceWhole(file);
        else fail(file, error as NodeJS.ErrnoException);
      }
    }
  }

  /** The uses of chunks that the open file does not have where they belong. */
  async compare(file: number): Promise<readonly number[]> {
    const descriptor = this.#open.acquire(file);
    try {
      const { table } = this.#places;
      return await differentUses(this.#pool, { plan: this.#plan, file, descriptor, table });
    } finally {
      this.#open.release(file);
    }
  }
}
