/** Counts what a restore does, and tells it. */
import type { Report } from '../events.ts';
import { PROBLEMS_MAX } from './job.ts';
import type { RestoreCounts, RestoreProblem } from './job.ts';

const PROGRESS_MS = 100;

type Counts = { -readonly [Name in keyof RestoreCounts]: RestoreCounts[Name] };

export class Tally {
  readonly counts: Counts = {
    files: 0,
    folders: 0,
    symlinks: 0,
    fifos: 0,
    hardLinks: 0,
    kept: 0,
    keptDifferent: 0,
    unchanged: 0,
    bytes: 0,
    bytesFetched: 0,
  };
  readonly problems: RestoreProblem[] = [];
  readonly renamed: { path: string; as: string }[] = [];
  problemCount = 0;
  filesTotal: number | undefined;
  bytesTotal: number | undefined;
  readonly #report: Report;
  readonly #elapsed: () => number;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(report: Report, elapsed: () => number) {
    this.#report = report;
    this.#elapsed = elapsed;
  }

  problem(path: string, reason: string): void {
    this.problemCount++;
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ path, reason });
    this.#report({ type: 'problem', path, reason });
  }

  warning(message: string): void {
    this.#report({ type: 'warning', message });
  }

  /** So many of the packs that lay in an archive can be read by now. */
  thawing(ready: number, packs: number): void {
    this.#report({ type: 'progress', phase: 'thaw', files: ready, filesTotal: packs, bytes: 0, bytesMoved: 0 });
  }

  detail(message: string): void {
    this.#report({ type: 'detail', message });
  }

  rename(path: string, as: string): void {
    if (this.renamed.length < PROBLEMS_MAX) this.renamed.push({ path, as });
    this.warning(`${path} cannot have this name here and is restored as ${as}`);
  }

  /** Tells how far the restore has come, unless it was told just now. */
  progress(): void {
    const now = this.#elapsed();
    if (now - this.#toldAt < PROGRESS_MS) return;
    this.#toldAt = now;
    const { files, bytes, bytesFetched } = this.counts;
    this.#report({
      type: 'progress',
      phase: 'restore',
      files,
      bytes,
      bytesMoved: bytesFetched,
      ...(this.filesTotal === undefined ? {} : { filesTotal: this.filesTotal }),
      ...(this.bytesTotal === undefined ? {} : { bytesTotal: this.bytesTotal }),
    });
  }
}
