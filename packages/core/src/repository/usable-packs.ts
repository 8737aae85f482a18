/**
 * Which packs a run or a commit may rest on: listed by itself, and named by no mark. The marks are listed first: a mark
 * is dropped only after its pack is gone, so a pack that is not in the marks and in the later listing was not marked.
 */
import { BackupError } from '../errors.ts';
import { marksPrefix, packsPrefix, parseKey } from '../keys.ts';
import type { PackPlace } from '../keys.ts';
import { decodeMarks, packText } from '../format/marks.ts';
import type { ObjectKey } from '../ids.ts';
import { JSON_BYTES_MAX } from '../limits.ts';
import type { ObjectInfo } from '../store/ports.ts';
import type { Repository } from './repository.ts';

/** A pack that a listing shows. */
export interface ListedPack extends PackPlace {
  readonly object: ObjectInfo;
}

export interface UsablePacks {
  /** Store time of the listing of marks: what a snapshot states as its basis. */
  readonly basis: Date;
  /** By packText. */
  readonly usable: ReadonlyMap<string, ListedPack>;
  /** Listed and marked, by packText: only what is carried forward may rest on them, under an anchor. */
  readonly marked: ReadonlyMap<string, ListedPack>;
}

/** Lists marks, then packs. Throws what the store throws, OBJECT_DAMAGED for a state of marks that cannot be read. */
export async function listUsablePacks(repository: Repository): Promise<UsablePacks> {
  const { basis, marks } = await readMarks(repository);
  const usable = new Map<string, ListedPack>();
  const marked = new Map<string, ListedPack>();
  for (const pack of await listPacks(repository)) {
    const text = packText(pack);
    (marks.has(text) ? marked : usable).set(text, pack);
  }
  return { basis, usable, marked };
}

/** All packs of the device, in the order of their keys. */
export async function listPacks({ store, device }: Repository): Promise<ListedPack[]> {
  const packs: ListedPack[] = [];
  for (const kind of ['data', 'meta'] as const) {
    for (const object of (await store.list(packsPrefix(device, kind))).objects) {
      const parsed = parseKey(object.key);
      if (parsed?.type === 'pack') packs.push({ ...parsed.pack, object });
    }
  }
  return packs;
}

/** The newest state of marks: the one with the largest sequence number. */
async function readMarks({ store, device }: Repository): Promise<{ basis: Date; marks: Set<string> }> {
  for (let attempt = 0; ; attempt++) {
    const listing = await store.list(marksPrefix(device));
    const states = listing.objects.filter((object) => parseKey(object.key)?.type === 'marks');
    const newest = states.at(-1); // Sequence numbers have eight digits, so the order of keys is theirs.
    if (newest === undefined) return { basis: listing.began, marks: new Set() };
    const bytes = await store.find(newest.key as ObjectKey, JSON_BYTES_MAX);
    if (bytes !== undefined)
      return { basis: listing.began, marks: new Set(decodeMarks(bytes, newest.key).marks.map((mark) => mark.pack)) };
    if (attempt === MARKS_ATTEMPTS_MAX) throw missingState(newest.key);
  }
}

/** A night removes all but the newest two states, so one that is gone when read has newer ones beside it. */
const MARKS_ATTEMPTS_MAX = 5;

const missingState = (key: string): BackupError =>
  new BackupError('OBJECT_MISSING', `${key} was listed and cannot be read`, { key });
