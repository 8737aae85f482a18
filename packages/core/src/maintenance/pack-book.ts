/** The packs that one listing shows, numbered, so that what is known of each lies in flat arrays. */
import { decodePackRanges } from '../format/pack-ranges.ts';
import { packText } from '../format/marks.ts';
import type { PackKind } from '../keys.ts';
import type { RunId } from '../ids.ts';
import type { ListedPack } from '../repository/usable-packs.ts';
import type { NightSnapshot } from './night-snapshot.ts';

export class PackBook {
  readonly packs: readonly ListedPack[];
  readonly #numbers = new Map<string, number>();
  /** The same by `kind/run` and number of the run: many snapshots name many packs. */
  readonly #ofRuns = new Map<string, Map<number, number>>();

  constructor(packs: readonly ListedPack[]) {
    this.packs = packs;
    for (const [number, pack] of packs.entries()) {
      this.#numbers.set(packText(pack), number);
      const run = `${pack.kind}/${pack.run}`;
      const ofRun = this.#ofRuns.get(run) ?? new Map<number, number>();
      this.#ofRuns.set(run, ofRun.set(pack.number, number));
    }
  }

  /** Its number by packText, or undefined for a pack that is not listed. */
  numberOf(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  bytes(number: number): number {
    return this.packs[number]?.object.bytes ?? 0;
  }

  /** 1 for every pack that one of these snapshots names. */
  neededBy(snapshots: Iterable<NightSnapshot>): Uint8Array {
    const needed = new Uint8Array(this.packs.length);
    for (const snapshot of snapshots)
      for (const { number } of this.namedBy(snapshot)) if (number !== undefined) needed[number] = 1;
    return needed;
  }

  /** The packs that a snapshot names; `number` is undefined for one that is not listed. */
  *namedBy({ packs }: NightSnapshot): Generator<NamedPack> {
    for (const kind of ['data', 'meta'] as const) {
      for (const [run, numbers] of decodePackRanges(packs[kind])) {
        const numbersOfRun = this.#ofRuns.get(`${kind}/${run}`);
        for (const ofRun of numbers) yield { kind, run, ofRun, number: numbersOfRun?.get(ofRun) };
      }
    }
  }

  /** Packs and bytes of those that `choose` chooses. */
  amount(choose: (number: number) => boolean): { packs: number; bytes: number } {
    const amount = { packs: 0, bytes: 0 };
    for (let number = 0; number < this.packs.length; number++) {
      if (!choose(number)) continue;
      amount.packs++;
      amount.bytes += this.bytes(number);
    }
    return amount;
  }
}

export interface NamedPack {
  readonly kind: PackKind;
  readonly run: RunId;
  /** The pack's number in its run. */
  readonly ofRun: number;
  /** Its number in the book. */
  readonly number: number | undefined;
}
