/**
 * In which storage class packs of documents lie. A device asks for it object by object: the keys of packs and of what
 * restores read first have the same beginning, so no lifecycle rule can tell them apart by itself.
 */
import type { ObjectKey } from '../ids.ts';
import { parseKey } from '../keys.ts';

/**
 * `intelligent`: S3 moves what nobody reads, and everything can be read at once. The others are moved by a lifecycle rule
 * of the bucket; what lies in `glacier` has to be thawed before it can be read.
 */
export const PACK_TIERINGS = ['none', 'intelligent', 'glacier-ir', 'glacier'] as const;
export type PackTiering = (typeof PACK_TIERINGS)[number];

/** Lifecycle rules move what carries this tag. */
export const PACK_TAG = { name: 'pack', value: 'data' } as const;

export interface UploadTier {
  readonly StorageClass?: 'INTELLIGENT_TIERING';
  /** As in the header `x-amz-tagging`. */
  readonly Tagging?: string;
}

/** What an upload asks for beside its bytes. */
export function uploadTierOf(key: ObjectKey, tiering: PackTiering): UploadTier {
  const parsed = parseKey(key);
  if (tiering === 'none' || parsed?.type !== 'pack' || parsed.pack.kind !== 'data') return {};
  if (tiering === 'intelligent') return { StorageClass: 'INTELLIGENT_TIERING' };
  return { Tagging: `${PACK_TAG.name}=${PACK_TAG.value}` };
}

/** Classes whose objects cannot be read before they are thawed, as listings name them. */
export const ARCHIVE_CLASSES = ['GLACIER', 'DEEP_ARCHIVE'] as const;
export type ArchiveClass = (typeof ARCHIVE_CLASSES)[number];

export const isArchiveClass = (name: string | undefined): name is ArchiveClass =>
  ARCHIVE_CLASSES.some((known) => known === name);
