/**
 * Owners, modes and times that the target did not take. Told once for all files: on a file system that has no owners
 * each file would be a problem of its own.
 */
import { wordsOfCode } from '../walk/error-words.ts';
import type { MetadataFailure } from './file-metadata.ts';
import { NameSample } from './name-sample.ts';
import type { Tally } from './tally.ts';

export class MetadataLosses {
  readonly #tally: Tally;
  readonly #lost = new Map<string, NameSample>();

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  note(path: string, failures: readonly MetadataFailure[]): void {
    for (const { what, code } of failures) {
      const sentence = `its ${what} could not be set: ${wordsOfCode(code)}`;
      const lost = this.#lost.get(sentence) ?? new NameSample();
      this.#lost.set(sentence, lost);
      lost.add(path);
      this.#tally.detail(`${path}: ${sentence}`);
    }
  }

  /** One problem for all to which the same happened. */
  tell(): void {
    for (const [sentence, paths] of this.#lost) {
      if (paths.count === 1) this.#tally.problem(paths.words, sentence);
      else this.#tally.problem('', `${sentence} (${paths.count} files and folders: ${paths.words})`);
    }
    this.#lost.clear();
  }
}
