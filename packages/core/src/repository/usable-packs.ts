/**
 * Which packs a run or a commit may rest on: listed by itself, and named by no mark. The marks are listed first: a mark
 * is dropped only after its pack is gone, so a pack that is not in the marks and in the later listing was not marked.
 */
import { packsPrefix, parseKey } from '../keys.ts';
import type { PackPlace } from '../keys.ts';
import { packText } from '../format/marks.ts';
import type { ObjectInfo } from '../store/ports.ts';
import { readMarks } from './marks-chain.ts';
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
  const { listed: basis, marks } = await readMarks(repository);
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
