/** A file of more than a thousand chunks, whose list of chunk ids is damaged in the repository. */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ObjectStore } from '@backup-agent/core';
import { openBench } from '../kit/backup-bench.ts';
import { temporaryFolder, writeTree } from '../kit/tree.ts';

test('the next run that has something to save stores the list anew and names it there', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { big: '', small: 'x' });
  truncateSync(join(folder, 'big'), 4 * 1024 * 1024 * 1002);
  const bench = openBench();
  const first = await bench.run([folder], { job: { concurrency: 2 } });
  expect(first.exitCode).toBe(0);

  let flips = 0;
  let isCommitting = false;
  const damaged = (store: ObjectStore): ObjectStore => ({
    ...store,
    create: (key, body, options) => {
      isCommitting ||= key.includes('/meta/'); // The catalog has been read by then.
      return store.create(key, body, options);
    },
    readRange: async (key, offset, length) => {
      const bytes = await store.readRange(key, offset, length);
      if (!isCommitting || !key.includes(`/meta/${first.record.run}`)) return bytes;
      flips++;
      bytes[0] = (bytes[0] as number) ^ 1;
      return bytes;
    },
  });
  writeFileSync(join(folder, 'small'), 'changed');
  const second = await bench.run([folder], { job: { concurrency: 2 }, through: damaged });
  expect(flips).toBeGreaterThan(0);
  expect(second.exitCode).toBe(0);
  expect(second.record.bytes.new).toBe('changed'.length);

  // Everything that the first run put into meta packs can go now.
  const own = Object.keys(second.snapshot?.packs.meta ?? {});
  expect(own).toEqual([second.record.run]);
});
