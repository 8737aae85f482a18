/**
 * What files in a folder say about its content: `.backupignore`, `CACHEDIR.TAG` (https://bford.info/cachedir/) and the
 * names given to --exclude-if-present. One that cannot be read is told; the folder is then backed up as if it were not
 * there, for too much in a backup is better than too little.
 */
import * as fs from 'node:fs';
import { openForReading } from '../../system/long-paths.ts';

export const CACHE_TAG = 'CACHEDIR.TAG';
const CACHE_TAG_SIGNATURE = Buffer.from('Signature: 8a477f597d28d172789f06886806bc55');
/** No person writes more patterns than this into one file. */
const IGNORE_FILE_BYTES_MAX = 1024 * 1024;

/** A small file's bytes, or why there are none. */
export type ReadFile = { readonly bytes: Buffer } | { readonly code: string };

/** The folder's CACHEDIR.TAG: whether it is a valid one. A file that only has the name counts for nothing. */
export function readCacheTag(folder: string, names: readonly string[]): 'valid' | 'none' | { readonly code: string } {
  if (!names.includes(CACHE_TAG)) return 'none';
  const read = readRegularFile(folder, CACHE_TAG, CACHE_TAG_SIGNATURE.length);
  if ('code' in read) return read.code === 'not a regular file' ? 'none' : read;
  return read.bytes.equals(CACHE_TAG_SIGNATURE) ? 'valid' : 'none';
}

/** The bytes of a pattern file; `too large` is a code of its own. */
export function readIgnoreFile(folder: string, name: string): ReadFile {
  const read = readRegularFile(folder, name, IGNORE_FILE_BYTES_MAX + 1);
  return 'bytes' in read && read.bytes.length > IGNORE_FILE_BYTES_MAX ? { code: 'larger than 1 MiB' } : read;
}

/** At most `bytesMax` bytes from the beginning. Symlinks are not followed and FIFOs do not block. */
function readRegularFile(folder: string, name: string, bytesMax: number): ReadFile {
  let descriptor: number | undefined;
  try {
    descriptor = openForReading(folder, name);
    const stat = fs.fstatSync(descriptor);
    if (!stat.isFile()) return { code: 'not a regular file' };
    const bytes = Buffer.alloc(Math.min(stat.size, bytesMax));
    return { bytes: bytes.subarray(0, fs.readSync(descriptor, bytes)) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return { code: error.code === 'ELOOP' ? 'not a regular file' : String(error.code) };
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}
