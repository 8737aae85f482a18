/** Names of which a sentence gives the first few. */
const NAMED_MAX = 3;

export class NameSample {
  readonly #names: string[] = [];
  count = 0;

  add(name: string): void {
    this.count++;
    if (this.#names.length < NAMED_MAX) this.#names.push(name);
  }

  /** The first few, and whether there are more. */
  get words(): string {
    return this.#names.join(', ') + (this.count > this.#names.length ? ', ...' : '');
  }
}
