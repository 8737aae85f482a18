import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openOutput } from '../../../src/cli/output/output.ts';
import type { OpenedOutput, OutputMode } from '../../../src/cli/output/output.ts';

/** All that `writing` puts on stdout. */
async function written(mode: OutputMode, writing: (out: OpenedOutput) => Promise<void>): Promise<string> {
  const stdout = new PassThrough();
  const out = openOutput({ stdout, mode, beforeText: () => {}, bold: (text) => text });
  await writing(out);
  await out.flush();
  return String(stdout.read() ?? '');
}

const FAILURE = { error: { code: 'OBJECT_DAMAGED' } };
const HEAD = { snapshot: 'a' };

test.each<[OutputMode, number, object]>([
  ['json', 0, FAILURE],
  ['json', 1, { ...HEAD, entries: [0], ...FAILURE }],
  ['json', 3, { ...HEAD, entries: [0, 1, 2], ...FAILURE }],
  ['events', 0, { type: 'result', ...FAILURE }],
  ['events', 2, { type: 'result', ...HEAD, entries: [0, 1], ...FAILURE }],
])('%s: a list that fails after %i items is one object that says so', async (mode, count, expected) => {
  const text = await written(mode, async (out) => {
    const list = out.list(HEAD, 'entries');
    for (let i = 0; i < count; i++) await list.item(Object(i) as object, undefined);
    out.json(FAILURE);
  });
  expect(text.endsWith('\n')).toBe(true);
  expect(JSON.parse(text)).toEqual(expected);
});

test.each([0, 2])('a list of %i items that comes to its end is one object', async (count) => {
  const text = await written('json', async (out) => {
    const list = out.list({}, 'entries');
    for (let i = 0; i < count; i++) await list.item(`${i}`, undefined);
    await list.end({ size: count });
  });
  expect(JSON.parse(text)).toEqual({ entries: ['0', '1'].slice(0, count), size: count });
});
