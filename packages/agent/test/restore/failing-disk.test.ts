import * as fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import { failCalls } from '../kit/failing-calls.ts';
import { problemsOf, restoreInto } from '../kit/restore-bench.ts';
import { temporaryFolder } from '../kit/tree.ts';

test.each([
  ['in one segment', 4 << 20],
  ['in several', 1 << 18],
])('a file of which one part could not be written, chunks %s, is not put under its name', async (_, segmentBytes) => {
  const content = randomBytes(3_500_000);
  const builder = new RepositoryBuilder({ segmentBytes });
  await builder.snapshot([{ path: '' }, { path: 'good', content: 'x' }, { path: 'large', content }]);
  const target = temporaryFolder();
  let isFirst = true;
  const hits = failCalls('writeSync', 'EIO', ([, bytes]) => {
    if ((bytes as Uint8Array).length === 1 || !isFirst) return false;
    isFirst = false;
    return true;
  });
  const done = await restoreInto(builder.repository, target);
  expect(hits.count).toBe(1);
  expect(Object.keys(problemsOf(done))).toEqual(['large']);
  expect(done.result).toMatchObject({ outcome: 'incomplete', counts: { files: 1 } });
  expect(fs.readdirSync(target)).toEqual(['good']);
  const again = await restoreInto(builder.repository, target);
  expect(problemsOf(again)).toEqual({});
  expect(fs.readFileSync(`${target}/large`).equals(content)).toBe(true);
});
