/** Request bodies, also in the aws-chunked form with trailers, and the checksums that come with them. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { S3Refusal } from './reply.ts';

export interface Body {
  readonly bytes: Buffer;
  /** Base64, if a SHA-256 came along and is right. */
  readonly sha256: string | undefined;
}

/** What was meant to arrive, from what did; throws S3's refusals for bytes that differ from their checksums. */
export function decodeBody(raw: Buffer, headers: IncomingHttpHeaders): Body {
  const payloadHash = String(headers['x-amz-content-sha256'] ?? '');
  const { bytes, trailers } = payloadHash.startsWith('STREAMING-') ? decodeChunks(raw) : { bytes: raw, trailers: {} };
  if (/^[0-9a-f]{64}$/.test(payloadHash) && payloadHash !== digest('sha256', bytes, 'hex')) {
    throw new S3Refusal(400, 'XAmzContentSHA256Mismatch');
  }
  const decodedLength = headers['x-amz-decoded-content-length'];
  if (decodedLength !== undefined && Number(decodedLength) !== bytes.length) throw new S3Refusal(400, 'IncompleteBody');
  const checksums = { ...checksumsOf(headers), ...checksumsOf(trailers) };
  for (const [name, value] of Object.entries(checksums)) {
    if (value !== checksumOf(name, bytes)) throw new S3Refusal(400, 'BadDigest');
  }
  const md5 = headers['content-md5'];
  if (md5 !== undefined && md5 !== digest('md5', bytes, 'base64')) throw new S3Refusal(400, 'BadDigest');
  return { bytes, sha256: checksums['x-amz-checksum-sha256'] };
}

export const digest = (algorithm: string, bytes: Uint8Array, encoding: 'hex' | 'base64'): string =>
  createHash(algorithm).update(bytes).digest(encoding);

function checksumsOf(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const given = Object.entries(headers).filter(([name]) => /^x-amz-checksum-(?:sha256|sha1|crc32)$/.test(name));
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

function checksumOf(name: string, bytes: Buffer): string {
  if (name === 'x-amz-checksum-sha256') return digest('sha256', bytes, 'base64');
  if (name === 'x-amz-checksum-sha1') return digest('sha1', bytes, 'base64');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString('base64');
}

/** `<hex length>[;chunk-signature=...]CRLF bytes CRLF`, ended by a chunk of length 0 and the trailers. */
function decodeChunks(raw: Buffer): { bytes: Buffer; trailers: Record<string, string> } {
  const pieces: Buffer[] = [];
  let at = 0;
  const line = (): string => {
    const end = raw.indexOf('\r\n', at);
    if (end < 0) throw new S3Refusal(400, 'IncompleteBody');
    const text = raw.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  for (;;) {
    const length = Number.parseInt(line(), 16);
    if (!Number.isSafeInteger(length) || at + length > raw.length) throw new S3Refusal(400, 'IncompleteBody');
    if (length === 0) break;
    pieces.push(raw.subarray(at, at + length));
    at += length;
    if (line() !== '') throw new S3Refusal(400, 'IncompleteBody');
  }
  const trailers: Record<string, string> = {};
  while (at < raw.length) {
    const [name = '', value = ''] = line().split(/:(.*)/s);
    if (name !== '') trailers[name.trim().toLowerCase()] = value.trim();
  }
  return { bytes: Buffer.concat(pieces), trailers };
}
