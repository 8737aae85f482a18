import { closeSync, mkdirSync, openSync, utimesSync, writeSync } from 'node:fs';
import path from 'node:path';
import { CORPUS_TIME_S, prose } from './prose.ts';
import { createRandom } from './random.ts';
import type { TreeTotals } from './tree-writer.ts';

const BLOCK_COUNT = 4096;
const HALF_BLOCK_BYTES = 256 * 1024;

/** One file of 2 GiB, like a virtual disk or a mailbox: by turns 256 KiB that cannot be compressed and 256 KiB of text. */
export function writeOneFile(root: string, scale: number): TreeTotals {
  const random = createRandom('one file');
  const blocks = Math.max(1, Math.round(BLOCK_COUNT * scale));
  mkdirSync(root, { recursive: true });
  const file = path.join(root, 'big.bin');
  const out = openSync(file, 'wx');
  try {
    for (let block = 0; block < blocks; block++) {
      writeSync(out, random.bytes(HALF_BLOCK_BYTES));
      writeSync(out, prose(random, HALF_BLOCK_BYTES));
    }
  } finally {
    closeSync(out);
  }
  for (const changed of [file, root]) utimesSync(changed, CORPUS_TIME_S, CORPUS_TIME_S);
  return { files: 1, bytes: blocks * 2 * HALF_BLOCK_BYTES };
}
