/** Bytes that a decoder must refuse, and the one way in which it may. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { isBackupError } from '../../src/index.ts';
import type { ErrorCode } from '../../src/index.ts';

/** The code of the BackupError that this throws, or `decoded`. Any other error fails the test. */
export function outcomeOf(decode: () => unknown): ErrorCode | 'decoded' {
  try {
    decode();
  } catch (error) {
    if (!isBackupError(error)) throw error;
    return error.code;
  }
  return 'decoded';
}

/** Every byte flipped in three ways, every shorter length, and one byte more: each must be damage. */
export function expectDamageEverywhere(bytes: Uint8Array, decode: (bytes: Buffer) => unknown): void {
  const survivors: string[] = [];
  const check = (what: string, changed: Buffer): void => {
    const outcome = outcomeOf(() => decode(changed));
    if (outcome !== 'OBJECT_DAMAGED') survivors.push(`${what}: ${outcome}`);
  };
  for (let at = 0; at < bytes.length; at++) {
    for (const mask of [0x01, 0x20, 0xff]) check(`byte ${at} ^ ${mask}`, withByte(bytes, at, mask));
  }
  for (let length = 0; length < bytes.length; length++)
    check(`cut to ${length}`, Buffer.from(bytes.subarray(0, length)));
  check('one byte more', Buffer.concat([bytes, Buffer.from([0])]));
  expect(survivors).toEqual([]);
}

export function withByte(bytes: Uint8Array, at: number, mask: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] as number) ^ mask;
  return changed;
}

/** A stored JSON object around any body, its checksum right. */
export function sealedJson(body: string): Buffer {
  const line = Buffer.from(`${body}\n`, 'utf8');
  return Buffer.concat([line, Buffer.from(`{"sha256":"${createHash('sha256').update(line).digest('hex')}"}\n`)]);
}
