/** `cat`: a file's bytes, chunk by chunk, each verified. */
import { BackupError, ChunkLocator, damage, decodeChunkList, packNamesOf } from '@backup-agent/core';
import type { BackupError as Problem, ChunkId } from '@backup-agent/core';
import { ChunkReader } from '../catalog/read-chunks.ts';
import { findPlace } from './find-place.ts';
import type { InspectDeps, OpenedSnapshot } from './open-snapshot.ts';

/** Throws CONFIG_INVALID if it is no file, OBJECT_DAMAGED or OBJECT_MISSING at the first chunk that is lost. */
export async function* readFile(opened: OpenedSnapshot, path: string, deps: InspectDeps): AsyncGenerator<Uint8Array> {
  const entry = await findPlace(opened, path);
  if (entry.kind !== 'file')
    throw new BackupError('CONFIG_INVALID', `"${path}" is a ${entry.kind}, not a file`, {
      hint: entry.kind === 'folder' ? 'see "backup-agent ls", or restore it' : 'restore it instead',
    });
  const packs = new Set(packNamesOf(opened.landed.snapshot));
  // Where no index tells of a pack in an archive, nobody can say what is in it.
  let archived: Problem | undefined;
  const onDamage = (error: Problem): void => {
    if (error.code === 'OBJECT_ARCHIVED') archived ??= error;
    else deps.onDamage(error.message);
  };
  const locator = new ChunkLocator(deps.repository, packs, onDamage);
  const reader = new ChunkReader(deps.repository, locator, () => archived);
  let bytesLeft = entry.size ?? 0;
  for (const id of await chunksOf(reader, entry)) {
    const bytes = await reader.read(id);
    bytesLeft -= bytes.length;
    yield bytes;
  }
  if (bytesLeft !== 0) throw damage(`the chunks of "${path}" do not add up to its size`);
}

async function chunksOf(
  reader: ChunkReader,
  { chunks, lists }: { readonly chunks?: readonly ChunkId[]; readonly lists?: readonly ChunkId[] },
): Promise<readonly ChunkId[]> {
  const ids = [...(chunks ?? [])];
  if (lists !== undefined) {
    await reader.locate(lists);
    for (const list of lists) ids.push(...decodeChunkList(await reader.read(list), `list ${list}`));
  }
  await reader.locate(ids);
  return ids;
}
