/**
 * Which endings are frequent among names, in bounded memory: the algorithm of Misra and Gries ("Finding repeated
 * elements", Science of Computer Programming 2, 1982). With up to 1,000 different endings the counts are exact; with
 * more, each of n names is counted short by at most n / 1,001, so an ending that dominates is always found.
 */
import { ENDING_LENGTH_MAX, NEW_ENDINGS_MAX } from '@backup-agent/core';
import type { RunRecord } from '@backup-agent/core';

const COUNTERS_MAX = 1_000;

export class EndingCounter {
  readonly #counts = new Map<string, number>();

  /** Counts the ending of a path. */
  add(path: string): void {
    const ending = endingOf(path);
    const count = this.#counts.get(ending);
    if (count !== undefined) this.#counts.set(ending, count + 1);
    else if (this.#counts.size < COUNTERS_MAX) this.#counts.set(ending, 1);
    else this.#takeOneOfEach();
  }

  clear(): void {
    this.#counts.clear();
  }

  /** Most frequent first. */
  top(): NonNullable<RunRecord['newEndings']> {
    return [...this.#counts]
      .map(([ending, files]) => ({ ending, files }))
      .sort((a, b) => b.files - a.files || (a.ending < b.ending ? -1 : 1))
      .slice(0, NEW_ENDINGS_MAX);
  }

  /** Each name that is not counted takes one of each that is with it, so this happens to few of them. */
  #takeOneOfEach(): void {
    for (const [ending, count] of this.#counts)
      if (count === 1) this.#counts.delete(ending);
      else this.#counts.set(ending, count - 1);
  }
}

/** `.jpg` of `photos/a.JPG`; empty for `.profile`, `a.`, and names that are not valid UTF-8 there. */
function endingOf(path: string): string {
  const dot = path.lastIndexOf('.');
  if (dot <= path.lastIndexOf('/') + 1 || dot === path.length - 1) return '';
  const ending = path.slice(dot).toLowerCase().slice(0, ENDING_LENGTH_MAX);
  return ending.isWellFormed() ? ending : '';
}
