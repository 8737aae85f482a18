/**
 * What was there already and stays. It may be the user's own, or what a restore left that was killed: a small file is
 * written under its own name. So what is not as in the snapshot is told, once for all files.
 */
import * as fs from 'node:fs';
import { pathFromBytes } from '@backup-agent/core';
import type { CatalogEntry } from '@backup-agent/core';
import { isSameTime } from './file-times.ts';
import { NameSample } from './name-sample.ts';
import type { Tally } from './tally.ts';

/** `content`: it cannot be what the snapshot has. `time`: it may be. Undefined: as far as can be seen it is. */
export type Difference = 'content' | 'time' | undefined;

/** How what is in an entry's place differs from it, as far as its own entry in the folder tells. */
export function differenceOf(entry: CatalogEntry, there: fs.BigIntStats, place: string | Buffer): Difference {
  switch (entry.kind) {
    case 'file':
      if (!there.isFile() || Number(there.size) !== entry.size) return 'content';
      return isSameTime(there.mtimeNs, BigInt(entry.mtime)) ? undefined : 'time';
    case 'symlink': {
      if (!there.isSymbolicLink()) return 'content';
      return pathFromBytes(fs.readlinkSync(place, { encoding: 'buffer' })) === entry.target ? undefined : 'content';
    }
    case 'fifo':
      return there.isFIFO() ? undefined : 'content';
    case 'folder':
      return 'content';
  }
}

export class KeptFiles {
  readonly #tally: Tally;
  readonly #different = { content: new NameSample(), time: new NameSample() };

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  note(path: string, difference: Difference): void {
    const { counts } = this.#tally;
    counts.kept++;
    this.#tally.detail(`${path} is there already and is kept`);
    if (difference === undefined) return;
    counts.keptDifferent++;
    this.#different[difference].add(path);
  }

  /** Another content is a problem: the target does not have what was asked for. Another time is worth a warning. */
  tell(): void {
    const { content, time } = this.#different;
    if (content.count > 0)
      this.#tally.problem(
        '',
        `${content.count} that were there already are kept and differ from the snapshot: ${content.words} (--overwrite changed replaces them)`,
      );
    if (time.count > 0)
      this.#tally.warning(
        `${time.count} that were there already are kept and have other times than in the snapshot: ${time.words} (--overwrite changed replaces them)`,
      );
  }
}
