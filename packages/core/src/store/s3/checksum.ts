/**
 * SHA-256 as S3 counts it: of an object sent whole, over all its bytes; of one sent in parts, over the digests of the
 * parts, written `<base64>-<parts>`.
 */
import { createHash } from 'node:crypto';
import type { ObjectChecksum } from '../ports.ts';
import { PART_BYTES } from './options.ts';

export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

export const checksumOfWhole = (digest: Buffer): ObjectChecksum => ({
  algorithm: 'sha256',
  partBytes: PART_BYTES,
  parts: 0,
  value: digest.toString('hex'),
});

export const checksumOfParts = (digests: readonly Buffer[]): ObjectChecksum => ({
  algorithm: 'sha256',
  partBytes: PART_BYTES,
  parts: digests.length,
  value: sha256(Buffer.concat(digests)).toString('hex'),
});

/** For the header `x-amz-checksum-sha256` of an object that is sent whole, or of a part. */
export const checksumHeader = (digest: Buffer): string => digest.toString('base64');

/**
 * Whether a checksum that a server gives is that of these bytes. Undefined: it was made of other parts and does not tell.
 * (Some servers leave the number of parts out.)
 */
export function isChecksumOf(header: string, checksum: ObjectChecksum): boolean | undefined {
  const [value, parts = '0'] = header.split('-');
  if (value === Buffer.from(checksum.value, 'hex').toString('base64')) return true;
  return Number(parts) === checksum.parts ? false : undefined;
}
