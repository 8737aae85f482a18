/** The next state of marks, derived from the one before. A mark stays until its pack is gone. */
import { packText } from '../format/marks.ts';
import type { MarksState } from '../format/marks.ts';
import type { Marks } from '../repository/marks-chain.ts';
import type { PackBook } from './pack-book.ts';

export interface MarksPlan {
  /** Undefined: no mark changes, so no state is written. */
  readonly state: MarksState | undefined;
  /** Numbers of packs that the state marks anew, and why. */
  readonly dead: readonly number[];
  readonly retiring: readonly number[];
}

export function planMarks(input: {
  readonly marks: Marks;
  readonly book: PackBook;
  readonly dead: readonly number[];
  readonly retiring: readonly number[];
}): MarksPlan {
  const { marks, book, dead, retiring } = input;
  const kept = [...marks.marks].filter(([pack]) => book.numberOf(pack) !== undefined);
  const added = [
    ...dead.map((number) => ({ number, state: 'dead' as const })),
    ...retiring.map((number) => ({ number, state: 'retiring' as const })),
  ];
  if (added.length === 0 && kept.length === marks.marks.size) return { state: undefined, dead, retiring };
  const state: MarksState = {
    version: 1,
    sequence: marks.sequence + 1,
    marks: [
      ...kept.map(([pack, mark]) => ({ pack, state: mark.state, since: mark.since.toISOString() })),
      ...added.map(({ number, state }) => ({ pack: packText(packOf(book, number)), state, since: null })),
    ],
  };
  return { state, dead, retiring };
}

function packOf(book: PackBook, number: number) {
  const pack = book.packs[number];
  if (pack === undefined) throw new Error('only packs of the book are marked');
  return pack;
}
