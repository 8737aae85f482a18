/** Keys and bytes for the contract's tests: each test writes under a device of its own. */
import { createCipheriv } from 'node:crypto';
import { makeRunId, parseDeviceId } from '../../../src/ids.ts';
import type { DeviceId, RunId } from '../../../src/ids.ts';

export const MiB = 1024 * 1024;

/** A device that no other test uses. */
export const deviceFor = (test: string): DeviceId => parseDeviceId(`contract-${test}`);

/** The n-th of a row of run ids, ascending. */
export const runNumber = (n: number): RunId =>
  makeRunId(new Date(Date.UTC(2026, 0, 1, 0, 0, n)), Buffer.from([0xab, 0xcd, n >>> 8, n & 0xff]));

/** `length` bytes that do not compress and differ with every `seed`. */
export function noise(length: number, seed: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(length));
}

/** `bytes` cut into pieces of uneven lengths, an empty one among them, as packs are handed over. */
export function inPieces(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [Buffer.alloc(0)];
  for (let at = 0, length = 1; at < bytes.length; at += length, length = (length * 3 + 1) % (3 * MiB)) {
    pieces.push(bytes.subarray(at, Math.min(at + length, bytes.length)));
  }
  return pieces;
}
