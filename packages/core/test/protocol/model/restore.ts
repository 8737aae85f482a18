/** Restores a snapshot with the real readers, to text by root and path. */
import { hash } from 'node:crypto';
import {
  ChunkLocator,
  bytesOfChunkId,
  damage,
  findChunk,
  isBackupError,
  openSegment,
  packNamesOf,
  packText,
  readEntries,
  readPageReferences,
  readSegments,
} from '../../../src/index.ts';
import type { CatalogEntry, ChunkId, Repository, Snapshot } from '../../../src/index.ts';

export async function restoreSnapshot(repository: Repository, snapshot: Snapshot): Promise<Map<string, string>> {
  const files: CatalogEntry[] = [];
  for await (const { entry } of readEntries(repository, await readPageReferences(repository, snapshot)))
    if (entry.kind === 'file') files.push(entry);
  const ids = [...new Set(files.flatMap(({ chunks }) => chunks ?? []))];
  const texts = await readChunks(repository, snapshot, ids);
  return new Map(
    files.map(({ root, path, chunks = [] }) => [
      restoredPath(snapshot.roots[root]?.path ?? '', path),
      chunks.map((id) => texts.get(id) ?? '').join(''),
    ]),
  );
}

export const restoredPath = (root: string, path: string): string => `${root}:${path}`;

async function readChunks(repository: Repository, snapshot: Snapshot, ids: readonly ChunkId[]) {
  const named = new Set(packNamesOf(snapshot));
  const locator = new ChunkLocator(repository, named, (error) => {
    throw error;
  });
  const table = await locator.locate(Buffer.concat(ids.map(bytesOfChunkId)));
  const requests = ids.map((id) => {
    const entry = findChunk(table, bytesOfChunkId(id));
    if (entry < 0) throw damage(`chunk ${id} is nowhere`);
    const place = table.place(entry);
    const pack = table.packs[place.pack];
    if (pack === undefined || !named.has(packText(pack))) throw damage(`chunk ${id} lies in no pack that is named`);
    return { ...place, id, pack };
  });
  const texts = new Map<ChunkId, string>();
  for await (const { request, stored } of readSegments(repository, requests)) {
    if (isBackupError(stored)) throw stored;
    const raw = openSegment(stored, request, packText(request.pack));
    const chunk = raw.subarray(request.chunkOffset, request.chunkOffset + request.chunkBytes);
    if (hash('sha256', chunk) !== request.id) throw damage(`chunk ${request.id} has other bytes`);
    texts.set(request.id, Buffer.from(chunk).toString());
  }
  return texts;
}
