import { randomBytes } from 'node:crypto';
import fs, { readdirSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openBench } from '../kit/backup-bench.ts';
import { problemsOf, restoreInto } from '../kit/restore-bench.ts';
import { temporaryFolder, writeTree } from '../kit/tree.ts';

describe('a disk that keeps another byte than was written', () => {
  const small = Buffer.from('a small file of one chunk, FAULT');
  const large = Buffer.concat([randomBytes(3_000_000), Buffer.from('FAULT'), randomBytes(1_000_000)]);
  const tree = { 'good.txt': 'as it was', large, small };

  /** Every write of `FAULT` stores other bytes. */
  function breakDisk(): void {
    const write = fs.writeSync as (...args: unknown[]) => number;
    const broken = (descriptor: number, bytes: Uint8Array, ...rest: unknown[]): number => {
      const at = Buffer.isBuffer(bytes) || bytes instanceof Uint8Array ? Buffer.from(bytes).indexOf('FAULT') : -1;
      if (at < 0) return write(descriptor, bytes, ...rest);
      const other = Buffer.from(bytes);
      other[at] = 0;
      return write(descriptor, other, ...rest);
    };
    Object.assign(fs, { writeSync: broken });
    syncBuiltinESMExports();
    onTestFinished(() => {
      Object.assign(fs, { writeSync: write });
      syncBuiltinESMExports();
    });
  }

  test('is found by --verify: the files are named and not left', async () => {
    const source = temporaryFolder();
    writeTree(source, tree);
    const bench = openBench();
    await bench.run([source]);
    const target = temporaryFolder();
    breakDisk();
    const done = await restoreInto(bench.repository, target, { verify: true });
    expect(problemsOf(done)).toEqual({ large: 'it reads back differently', small: 'it reads back differently' });
    expect(done.result.outcome).toBe('incomplete');
    expect(readdirSync(target)).toEqual(['good.txt']);
  });

  test('is found by --verify where a file is changed in place', async () => {
    const source = temporaryFolder();
    writeTree(source, tree);
    const bench = openBench();
    await bench.run([source]);
    const target = temporaryFolder();
    writeTree(target, { ...tree, large: 'older', small: 'older' });
    breakDisk();
    const request = { verify: true, delta: true, overwrite: 'always' } as const;
    const done = await restoreInto(bench.repository, target, request);
    const reason = 'it reads back differently; parts of its old content may be replaced';
    expect(problemsOf(done)).toEqual({ large: reason, small: reason });
  });
});
