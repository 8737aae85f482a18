/**
 * Owners, modes and times that the target did not take. Told once for all files: on a file system that has no owners
 * each file would be a problem of its own.
 */
import { wordsOfCode } from '../walk/error-words.ts';
import type { MetadataFailure } from './file-metadata.ts';
import type { Tally } from './tally.ts';

/** Named in the sentence; all are told as details. */
const NAMED_MAX = 3;

export class MetadataLosses {
  readonly #tally: Tally;
  readonly #lost = new Map<string, { readonly names: string[]; count: number }>();

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  note(path: string, failures: readonly MetadataFailure[]): void {
    for (const { what, code } of failures) {
      const sentence = `its ${what} could not be set: ${wordsOfCode(code)}`;
      const lost = this.#lost.get(sentence) ?? { names: [], count: 0 };
      this.#lost.set(sentence, lost);
      lost.count++;
      if (lost.names.length < NAMED_MAX) lost.names.push(path);
      this.#tally.detail(`${path}: ${sentence}`);
    }
  }

  /** One problem for all to which the same happened. */
  tell(): void {
    for (const [sentence, { names, count }] of this.#lost) {
      const [first = ''] = names;
      if (count === 1) this.#tally.problem(first, sentence);
      else this.#tally.problem('', `${sentence} (${count} files and folders: ${listOf(names, count)})`);
    }
    this.#lost.clear();
  }
}

const listOf = (names: readonly string[], count: number): string =>
  names.join(', ') + (count > names.length ? ', ...' : '');
