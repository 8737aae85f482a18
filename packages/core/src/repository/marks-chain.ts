/** The chain of states of marks: each is derived from the one before, and the one with the largest number holds. */
import { BackupError } from '../errors.ts';
import type { ObjectKey } from '../ids.ts';
import { marksKey, marksPrefix, parseKey } from '../keys.ts';
import { JSON_BYTES_MAX } from '../limits.ts';
import { decodeMarks } from '../format/marks.ts';
import type { MarksState } from '../format/marks.ts';
import type { Repository } from './repository.ts';

export type MarkState = MarksState['marks'][number]['state'];

export interface Mark {
  readonly state: MarkState;
  /** Store time of the first state that had it. */
  readonly since: Date;
}

export interface Marks {
  /** Store time of the listing: no state that had landed before it is missing. */
  readonly listed: Date;
  /** Of the newest state; 0: there is none. */
  readonly sequence: number;
  /** By packText. */
  readonly marks: ReadonlyMap<string, Mark>;
  /** The numbers of the older states that are still there, ascending. */
  readonly older: readonly number[];
}

/** A night removes all but the newest two states, so one that is gone when read has newer ones beside it. */
const ATTEMPTS_MAX = 5;

/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN for a newest state that cannot be read. */
export async function readMarks({ store, device }: Repository): Promise<Marks> {
  for (let attempt = 0; ; attempt++) {
    const listing = await store.list(marksPrefix(device));
    const states = listing.objects.flatMap((object) => {
      const parsed = parseKey(object.key);
      return parsed?.type === 'marks' ? [{ sequence: parsed.sequence, modified: object.modified }] : [];
    });
    const newest = states.at(-1); // Sequence numbers have eight digits, so the order of keys is theirs.
    if (newest === undefined) return { listed: listing.began, sequence: 0, marks: new Map(), older: [] };
    const key = marksKey(device, newest.sequence);
    const bytes = await store.find(key, JSON_BYTES_MAX);
    if (bytes !== undefined)
      return {
        listed: listing.began,
        sequence: newest.sequence,
        marks: marksOf(decodeMarks(bytes, key), newest.modified),
        older: states.slice(0, -1).map(({ sequence }) => sequence),
      };
    if (attempt === ATTEMPTS_MAX) throw missingState(key);
  }
}

const marksOf = (state: MarksState, landed: Date): Map<string, Mark> =>
  new Map(
    state.marks.map(({ pack, state, since }) => [pack, { state, since: since === null ? landed : new Date(since) }]),
  );

const missingState = (key: ObjectKey): BackupError =>
  new BackupError('OBJECT_MISSING', `${key} was listed and cannot be read`, { key });
