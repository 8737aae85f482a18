/** Reads a snapshot to the last byte by the shortest way through the codecs, as an independent witness for tests. */
import { hash } from 'node:crypto';
import {
  decodeChunkList,
  findChunk,
  findSnapshot,
  loadChunkTable,
  openSegment,
  packKey,
  readEntries,
  readPageReferences,
} from '@backup-agent/core';
import type { CatalogEntry, ChunkId, ChunkTable, Repository, SnapshotSelector } from '@backup-agent/core';

export interface ReadFile {
  readonly entry: CatalogEntry;
  /** Of files. */
  readonly content: Buffer | undefined;
}

/** By `<root number>:<path>`. Throws if anything in it is missing or damaged. */
export async function readSnapshotContent(
  repository: Repository,
  selector: SnapshotSelector = { by: 'latest' },
  onDamage: (error: Error) => void = refuse,
): Promise<Map<string, ReadFile>> {
  const { snapshot } = await findSnapshot(repository, selector);
  const table = await loadChunkTable(repository, { onDamage });
  const files = new Map<string, ReadFile>();
  for await (const { entry } of readEntries(repository, await readPageReferences(repository, snapshot))) {
    const content = entry.kind === 'file' ? await contentOf(repository, table, entry) : undefined;
    files.set(`${entry.root}:${entry.path}`, { entry, content });
  }
  return files;
}

const refuse = (error: Error): never => {
  throw error;
};

async function contentOf(repository: Repository, table: ChunkTable, entry: CatalogEntry): Promise<Buffer> {
  const ids = [...(entry.chunks ?? [])];
  for (const list of entry.lists ?? []) ids.push(...decodeChunkList(await chunkOf(repository, table, list), list));
  const content = Buffer.concat(await Promise.all(ids.map((id) => chunkOf(repository, table, id))));
  if (content.length !== entry.size) throw new Error(`${entry.path} has ${content.length} bytes, not ${entry.size}`);
  return content;
}

async function chunkOf(repository: Repository, table: ChunkTable, id: ChunkId): Promise<Uint8Array> {
  const number = findChunk(table, Buffer.from(id, 'hex'));
  if (number < 0) throw new Error(`chunk ${id} is nowhere`);
  const place = table.place(number);
  const pack = table.packs[place.pack];
  if (pack === undefined) throw new Error(`chunk ${id} is in a pack that the table lacks`);
  const stored = await repository.store.readRange(
    packKey(repository.device, pack),
    place.segmentOffset,
    place.storedBytes,
  );
  const chunk = openSegment(stored, place, id).subarray(place.chunkOffset, place.chunkOffset + place.chunkBytes);
  if (hash('sha256', chunk) !== id) throw new Error(`chunk ${id} has other bytes`);
  return chunk;
}

/** Contents of files by path, as text. */
export const textsOf = (files: ReadonlyMap<string, ReadFile>): Record<string, string> =>
  Object.fromEntries(
    [...files].flatMap(([path, { content }]) => (content === undefined ? [] : [[path, content.toString('latin1')]])),
  );
