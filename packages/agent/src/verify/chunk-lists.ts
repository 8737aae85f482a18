/** Lists of chunk ids, which large files name instead of the ids: read, verified, expanded. */
import { hash } from 'node:crypto';
import { ChunkLocator, ID_BYTES, LIST_IDS_MAX, isBackupError, openSegment, packText } from '@backup-agent/core';
import type { ChunkId } from '@backup-agent/core';
import { ChunkReader } from '../catalog/read-chunks.ts';
import type { ChunkBook } from './chunk-book.ts';
import { loseChunk } from './pack-book.ts';
import type { PackBook } from './pack-book.ts';
import type { VerifyRun } from './verify-run.ts';

/** Lists kept in memory: at most 16 MiB of ids. */
const KEPT_MAX = 256;

export class ChunkLists {
  readonly #run: VerifyRun;
  readonly #chunks: ChunkBook;
  readonly #reader: ChunkReader;
  readonly #kept = new Map<ChunkId, Uint8Array | undefined>();

  constructor(run: VerifyRun, chunks: ChunkBook, packs: PackBook) {
    this.#run = run;
    this.#chunks = chunks;
    const known = new Set(packs.all.filter(({ listed }) => listed !== undefined).map(packText));
    this.#reader = new ChunkReader(run.repository, new ChunkLocator(run.repository, known, () => {}));
  }

  /** The ids, back to back; undefined if no undamaged copy of the list is found. Damage on the way is told. */
  async read(id: ChunkId): Promise<Uint8Array | undefined> {
    if (this.#kept.has(id)) return this.#kept.get(id);
    const ids = (await this.#readWhereIndexed(id)) ?? (await this.#readAnywhere(id));
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear();
    this.#kept.set(id, ids);
    return ids;
  }

  async #readWhereIndexed(id: ChunkId): Promise<Uint8Array | undefined> {
    const entry = this.#chunks.find(id);
    if (entry < 0) return undefined;
    const { in: pack, segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes } = this.#chunks.place(entry);
    if (pack.listed === undefined) return undefined;
    try {
      const stored = await this.#run.repository.store.readRange(pack.key, segmentOffset, storedBytes);
      const raw = openSegment(stored, { rawBytes }, pack.key);
      const bytes = raw.subarray(chunkOffset, chunkOffset + chunkBytes);
      if (isList(bytes, id)) return Uint8Array.from(bytes);
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
    }
    this.#run.findings.damage(pack.key, 'a list of chunk ids in it is damaged');
    loseChunk(pack, entry);
    return undefined;
  }

  async #readAnywhere(id: ChunkId): Promise<Uint8Array | undefined> {
    const entry = this.#chunks.find(id);
    if (entry < 0 || this.#chunks.packsOf(entry).length === 1) return undefined;
    try {
      const bytes = await this.#reader.read(id);
      return isList(bytes, id) ? Uint8Array.from(bytes) : undefined;
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
      return undefined;
    }
  }
}

const isList = (bytes: Uint8Array, id: ChunkId): boolean =>
  bytes.length > 0 &&
  bytes.length % ID_BYTES === 0 &&
  bytes.length <= LIST_IDS_MAX * ID_BYTES &&
  hash('sha256', bytes) === id;
