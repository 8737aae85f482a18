/** Runs that are cut off at their writes. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ObjectStore } from '@backup-agent/core';
import { openBench } from './backup-bench.ts';
import { readSnapshotContent, textsOf } from './read-snapshot.ts';
import { temporaryFolder, writeTree } from './tree.ts';

class PowerCut extends Error {}

/** Lets `writes` objects land; then the power goes: with or without the one under way having landed. */
export const failingAfter = (writes: number, lands: boolean, store: ObjectStore): ObjectStore => {
  let done = 0;
  return {
    ...store,
    create: async (key, body, options) => {
      if (done++ < writes) return store.create(key, body, options);
      if (lands && done === writes + 1) await store.create(key, body, options);
      throw new PowerCut(`power cut at write ${done} (${key})`);
    },
  };
};

const bytesUnder = async (store: ObjectStore, prefix: string): Promise<number> =>
  (await store.list(prefix)).objects.reduce((sum, object) => sum + object.bytes, 0);

/** Incompressible, so that what is stored twice shows. */
export const bulk = (): string => randomBytes(400_000).toString('latin1');

/**
 * Cuts a run off at each `stride`-th of its writes, until one reaches its end: earlier snapshots stay whole, and the next
 * run sends nothing twice.
 */
export async function cutOffAtWrites({
  lands,
  stride,
}: {
  readonly lands: boolean;
  readonly stride: number;
}): Promise<void> {
  const folder = temporaryFolder();
  const old = { 'old.txt': 'from the first run' };
  writeTree(folder, old);
  let reachedEnd = false;
  for (let writes = 0; !reachedEnd; writes += stride) {
    const bench = openBench();
    const first = await bench.run([folder]);
    const bytesBefore = await bytesUnder(bench.store, 'v1/devices/laptop-1/data/');
    const added = { [`new-${writes}`]: bulk(), more: bulk() };
    for (const [name, text] of Object.entries(added)) writeFileSync(join(folder, name), Buffer.from(text, 'latin1'));

    try {
      await bench.run([folder], { through: (store) => failingAfter(writes, lands, store) });
      reachedEnd = true;
    } catch (error) {
      expect(error).toBeInstanceOf(PowerCut);
    }
    const named = { by: 'name', prefix: first.name ?? '' } as const;
    expect(textsOf(await readSnapshotContent(bench.repository, named))).toMatchObject({ '0:old.txt': old['old.txt'] });

    const next = await bench.run([folder]);
    const texts = textsOf(await readSnapshotContent(bench.repository));
    for (const [name, text] of Object.entries(added)) expect(texts[`0:${name}`] === text).toBe(true);
    const bytesNow = await bytesUnder(bench.store, 'v1/devices/laptop-1/data/');
    expect(bytesNow - bytesBefore).toBeLessThan(800_000 + 10_000);
    expect(next.exitCode).toBe(0);
    expect(writes).toBeLessThan(12 + stride);
  }
}
