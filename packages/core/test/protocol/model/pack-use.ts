/** Which packs a catalog needs and how much of each: as packages/agent/src/backup/pack-use.ts. */
import { bytesOfChunkId, encodePackRanges, findChunk, shareOf } from '../../../src/index.ts';
import type {
  ChunkId,
  ChunkTable,
  LiveBytes,
  PackKind,
  PackPlace,
  PackRanges,
  PageReference,
  RunId,
} from '../../../src/index.ts';
import { packText } from '../../../src/index.ts';

const LIVE_SHARE = 0.9;

export class PackUse {
  readonly #live = new Map<string, { place: PackPlace; used: number; stored: number }>();

  /** `marked`: where chunks are looked for that the table lacks. */
  constructor(table: ChunkTable, ids: readonly ChunkId[], pages: readonly PageReference[], marked?: ChunkTable) {
    for (const page of new Map(pages.map((page) => [page.id, page])).values())
      this.#add(table, { kind: 'meta', run: page.run, number: page.pack }, page.storedBytes);
    for (const id of new Set(ids)) {
      const bytes = bytesOfChunkId(id);
      const from = findChunk(table, bytes) >= 0 ? table : marked;
      const entry = from === undefined ? -1 : findChunk(from, bytes);
      if (from === undefined || entry < 0) throw new Error('what a catalog names is known');
      const place = from.place(entry);
      this.#add(from, from.packs[place.pack] as PackPlace, shareOf(place));
    }
  }

  #add(table: ChunkTable, { kind, run, number }: PackPlace, bytes: number): void {
    const place = { kind, run, number };
    const text = packText(place);
    const known = this.#live.get(text);
    if (known !== undefined) known.used += bytes;
    else this.#live.set(text, { place, used: bytes, stored: table.packStoredBytes[table.packNumber(place)] ?? 0 });
  }

  summary(): { packs: Record<PackKind, PackRanges>; live: Record<PackKind, LiveBytes> } {
    const numbers = { data: new Map<RunId, number[]>(), meta: new Map<RunId, number[]>() };
    const live: Record<PackKind, Record<string, Record<string, number>>> = { data: {}, meta: {} };
    for (const { place, used, stored } of this.#live.values()) {
      const { kind, run, number } = place;
      numbers[kind].set(run, [...(numbers[kind].get(run) ?? []), number]);
      if (used < LIVE_SHARE * stored) (live[kind][run] ??= {})[String(number)] = Math.floor(used);
    }
    return { packs: { data: encodePackRanges(numbers.data), meta: encodePackRanges(numbers.meta) }, live };
  }
}
