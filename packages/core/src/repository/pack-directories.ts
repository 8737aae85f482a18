/** Packs understood from the directories at their ends: what readers fall back to where no index helps. */
import { damage, isBackupError } from '../errors.ts';
import type { BackupError } from '../errors.ts';
import { packKey } from '../keys.ts';
import { KiB, PACK_BYTES_MAX } from '../limits.ts';
import { packText } from '../format/marks.ts';
import { PACK_FOOTER_BYTES, decodePackEnd, packEndBytes } from '../format/pack.ts';
import type { PlacedSegment } from '../format/pack.ts';
import type { ChunkTable, DamagedChunks } from './chunk-table.ts';
import { mapConcurrent } from './map-concurrent.ts';
import type { Repository } from './repository.ts';
import type { ListedPack } from './usable-packs.ts';

/** A pack's end is read in one go if it is not longer: room for 1,800 chunks. */
const END_BYTES = 64 * KiB;
const DIRECTORIES_AT_ONCE = 8;

/** Throws OBJECT_DAMAGED, OBJECT_MISSING, OBJECT_ARCHIVED or FORMAT_UNKNOWN. */
export async function readPackDirectory({ store, device }: Repository, pack: ListedPack): Promise<PlacedSegment[]> {
  const key = packKey(device, pack);
  const packBytes = pack.object.bytes;
  if (packBytes < PACK_FOOTER_BYTES || packBytes > PACK_BYTES_MAX)
    throw damage(`${key} is damaged: no pack is ${packBytes} bytes long`, { key });
  const endBytes = Math.min(END_BYTES, packBytes);
  const end = await store.readRange(key, packBytes - endBytes, endBytes);
  const needed = packEndBytes(end.subarray(-PACK_FOOTER_BYTES), key);
  if (needed <= endBytes || needed > packBytes) return decodePackEnd(end, packBytes, key);
  const rest = await store.readRange(key, packBytes - needed, needed - endBytes);
  return decodePackEnd(Buffer.concat([rest, end]), packBytes, key);
}

/** Adds what these packs hold to the table. A pack that cannot be understood is told and left out. */
export async function addPackDirectories(
  repository: Repository,
  packs: Iterable<ListedPack>,
  table: ChunkTable,
  options: {
    readonly onDamage: (error: BackupError) => void;
    readonly damaged?: DamagedChunks;
    readonly onDirectory?: (pack: ListedPack, segments: readonly PlacedSegment[]) => void;
  },
): Promise<void> {
  const read = async (pack: ListedPack): Promise<[ListedPack, PlacedSegment[]]> => {
    try {
      const segments = await readPackDirectory(repository, pack);
      options.onDirectory?.(pack, segments);
      return [pack, segments];
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING', 'OBJECT_ARCHIVED', 'FORMAT_UNKNOWN')) throw error;
      options.onDamage(error);
      return [pack, []];
    }
  };
  for await (const [pack, segments] of mapConcurrent(packs, DIRECTORIES_AT_ONCE, read)) {
    const number = table.packNumber(pack, pack.object.modified);
    const damaged = options.damaged?.get(packText(pack));
    for (const segment of segments) table.addSegment(number, segment.offset, segment, damaged);
  }
}
