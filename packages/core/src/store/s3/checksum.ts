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

/** As the header `x-amz-checksum-sha256` and HEAD with ChecksumMode give it. */
export function checksumHeader({ value, parts }: ObjectChecksum): string {
  const base64 = Buffer.from(value, 'hex').toString('base64');
  return parts === 0 ? base64 : `${base64}-${parts}`;
}

/** The number of parts that a checksum in S3's form was made of; 0: of the whole. */
export const partsOfHeader = (header: string): number => Number(/-(\d+)$/.exec(header)?.[1] ?? 0);
