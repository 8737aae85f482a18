/** Index segments, whole: their own bytes, and what they say of packs against the listing. */
import { createHash } from 'node:crypto';
import {
  INDEX_BYTES_MAX,
  INDEX_RECORD_BYTES,
  ID_BYTES,
  damage,
  decodeIndexHeader,
  decodeIndexSegment,
  encodeIndexSegment,
} from '@backup-agent/core';
import type { IndexSegment, IndexedPack, ObjectInfo, ObjectKey, PlacedSegment } from '@backup-agent/core';
import { ChunkBook } from './chunk-book.ts';
import type { Inventory } from './inventory.ts';
import type { KnownPack, PackBook } from './pack-book.ts';
import type { VerifyRun } from './verify-run.ts';

/** Reads one segment after the other: each may be large. */
export async function checkIndex(run: VerifyRun, { index }: Inventory, packs: PackBook): Promise<ChunkBook> {
  const recordsMax = index.reduce((sum, { bytes }) => sum + Math.ceil(bytes / INDEX_RECORD_BYTES), 0);
  const chunks = new ChunkBook(packs.all, recordsMax);
  const etags = new EtagComparison();
  for (const object of index) {
    run.progress();
    const bytes = await run.readObject(object, INDEX_BYTES_MAX);
    const segment = bytes === undefined ? undefined : run.decode(object.key, () => decodeSorted(bytes, object.key));
    if (segment === undefined) continue;
    run.counts.indexSegments++;
    const known = segment.packs.map((pack) => packs.get(pack));
    chunks.addRecords(segment, known);
    const digests = run.request.dataShare > 0 ? packDigests(segment) : [];
    for (const [row, pack] of segment.packs.entries()) {
      const entered = known[row] as KnownPack;
      entered.tellers.push({ key: object.key as ObjectKey, digest: digests[row] });
      compare(run, pack, entered, etags);
    }
  }
  etags.tell(run);
  return chunks;
}

/** Throws OBJECT_DAMAGED, FORMAT_UNKNOWN. */
function decodeSorted(bytes: Buffer, key: string): IndexSegment {
  const segment = decodeIndexSegment(bytes, key);
  const { fanOut } = decodeIndexHeader(bytes, key);
  const { records } = segment;
  const counts = new Uint32Array(256);
  for (let at = 0; at < records.length; at += INDEX_RECORD_BYTES) {
    const before = at - INDEX_RECORD_BYTES;
    if (before >= 0 && records.compare(records, at, at + INDEX_RECORD_BYTES, before, at) > 0)
      throw damage(`${key} is damaged: its records are not in order`, { key });
    const first = records[at] as number;
    counts[first] = (counts[first] as number) + 1;
  }
  let sum = 0;
  if (counts.some((count, i) => (sum += count) !== fanOut[i]))
    throw damage(`${key} is damaged: its fan-out does not fit its records`, { key });
  return segment;
}

/** A pack that is not there is judged later, when it is known whether a snapshot needs it. */
function compare(run: VerifyRun, told: IndexedPack, pack: KnownPack, etags: EtagComparison): void {
  const { listed } = pack;
  if (listed === undefined) return;
  if (listed.bytes !== told.bytes) {
    run.findings.damage(pack.key, `it is ${listed.bytes} bytes long, and was ${told.bytes} when it was written`);
    pack.loss = 'perhaps';
  } else if (told.etag !== undefined && listed.etag !== undefined) etags.add(pack, told.etag === listed.etag);
}

/** A repository that was copied to another bucket has other ETags throughout: that is no damage. */
class EtagComparison {
  readonly #different: KnownPack[] = [];
  #same = 0;

  add(pack: KnownPack, isSame: boolean): void {
    if (isSame) this.#same++;
    else this.#different.push(pack);
  }

  tell({ findings }: VerifyRun): void {
    const [first, second] = this.#different;
    if (first !== undefined && second !== undefined && this.#same === 0) {
      const copied = 'no pack has the ETag that it had when it was written: the repository was copied, it seems';
      findings.note(first.key, copied);
      return;
    }
    for (const pack of this.#different) {
      pack.hasOtherEtag = true;
      pack.loss = 'perhaps';
    }
  }
}

/** For each pack of the segment's table a hash over what the segment says of its chunks. */
function packDigests({ packs, records }: IndexSegment): string[] {
  const hashes = packs.map(() => createHash('sha256'));
  for (let at = 0; at < records.length; at += INDEX_RECORD_BYTES) {
    const pack = hashes[records.readUInt32LE(at + ID_BYTES)];
    pack?.update(records.subarray(at, at + ID_BYTES));
    pack?.update(records.subarray(at + ID_BYTES + 4, at + INDEX_RECORD_BYTES)); // Without the position of the pack.
  }
  return hashes.map((pack) => pack.digest('hex'));
}

/** The same from a pack's directory, by way of the index segment that it would make. */
export function directoryDigest(pack: KnownPack, object: ObjectInfo, segments: readonly PlacedSegment[]): string {
  const { kind, run, number, key } = pack;
  const indexed = { kind, run, number, bytes: object.bytes, etag: undefined, checksum: undefined };
  const bytes = encodeIndexSegment({ made: 'repair', roots: [], replaces: [] }, [{ pack: indexed, segments }]);
  return packDigests(decodeIndexSegment(bytes, key))[0] as string;
}
