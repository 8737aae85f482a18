/**
 * Limits of the format, checked before reading: what a device writes is hostile input to everybody else.
 */
export const KiB = 1024;
export const MiB = 1024 * KiB;

/** No JSON object of a repository is longer. */
export const JSON_BYTES_MAX = 8 * MiB;
/** No segment is longer before compression, so a decompressor never allocates more. */
export const SEGMENT_RAW_BYTES_MAX = 8 * MiB;
/** No pack is longer: offsets in it fit 32 bits with room to spare. */
export const PACK_BYTES_MAX = 256 * MiB;
/** Index segments hold no more records: a sort key of 32 bits of the id and the position fits a double. */
export const INDEX_RECORDS_MAX = 2 ** 21;
/** No index segment is longer. */
export const INDEX_BYTES_MAX = 256 * MiB;
/** No snapshot names more packs: ranges are short, what they stand for is not. */
export const SNAPSHOT_PACKS_MAX = 1_000_000;
/** Over this many snapshots of a device, nights remove nothing of it and report; readers go on. */
export const SNAPSHOTS_MAX = 2_000;
/** Above this many chunks a file's entry names lists of chunk ids instead of the ids. */
export const ENTRY_CHUNKS_MAX = 1_000;
/** A snapshot that landed later than this after the listing it rests on is void, unless its run record confirms it. */
export const COMMIT_WINDOW_MS = 15 * 60_000;
