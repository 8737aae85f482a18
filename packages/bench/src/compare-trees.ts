import { closeSync, lstatSync, openSync, readSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { walkTree } from './corpus/walk-tree.ts';

const READ_BYTES = 1024 * 1024;
/** Node sets times to the microsecond; what tools restore may differ by one from rounding. */
const TIME_TOLERANCE_NS = 1000n;

/**
 * One sentence per difference between the tree under `source` and its restored copy: names, kinds, contents byte for
 * byte, link targets, modes and times of modification. The roots' own modes and times are not compared, since a tool
 * may restore into a folder that was there before.
 */
export function compareTrees(source: string, restored: string): string[] {
  const wanted = new Map([...walkTree(source)].map((entry) => [entry.name, entry.kind]));
  const found = new Map([...walkTree(restored)].map((entry) => [entry.name, entry.kind]));
  const differences = [...found.keys()]
    .filter((name) => !wanted.has(name))
    .map((name) => `${name} is not in the source`);
  for (const [name, kind] of wanted) {
    const foundKind = found.get(name);
    if (foundKind === undefined) differences.push(`${name} is missing`);
    else if (foundKind !== kind) differences.push(`${name} is a ${foundKind} instead of a ${kind}`);
    else
      differences.push(...compareEntry(name, { source: path.join(source, name), restored: path.join(restored, name) }));
  }
  return differences;
}

function compareEntry(name: string, { source, restored }: { source: string; restored: string }): string[] {
  const wanted = lstatSync(source, { bigint: true });
  const found = lstatSync(restored, { bigint: true });
  if (wanted.isSymbolicLink()) {
    return readlinkSync(source) === readlinkSync(restored) ? [] : [`${name} points somewhere else`];
  }
  const differences: string[] = [];
  if (wanted.isFile() && (wanted.size !== found.size || !sameBytes(source, restored))) {
    differences.push(`${name} has other bytes`);
  }
  if (wanted.mode !== found.mode) differences.push(`${name} has another mode`);
  const apartNs = wanted.mtimeNs - found.mtimeNs;
  if (apartNs > TIME_TOLERANCE_NS || apartNs < -TIME_TOLERANCE_NS) differences.push(`${name} has another time`);
  return differences;
}

function sameBytes(one: string, other: string): boolean {
  const files = [openSync(one, 'r'), openSync(other, 'r')] as const;
  const [a, b] = [Buffer.allocUnsafe(READ_BYTES), Buffer.allocUnsafe(READ_BYTES)];
  try {
    for (;;) {
      const [countA, countB] = [readSync(files[0], a), readSync(files[1], b)];
      if (countA !== countB || !a.subarray(0, countA).equals(b.subarray(0, countB))) return false;
      if (countA === 0) return true;
    }
  } finally {
    for (const file of files) closeSync(file);
  }
}
