/** Each in a process of its own, for its sources are changed on their way into it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { BROKEN_PROTOCOLS } from '../protocol/broken-protocols.ts';
import { SCHEDULES } from '../protocol/schedules.ts';

const MODEL = join(import.meta.dirname, '../protocol/model');
const run = promisify(execFile);

describe('a protocol with a rule missing loses data, and the model sees it', () => {
  test.concurrent.for(BROKEN_PROTOCOLS)('$name', async ({ name, caughtBy }, { expect }) => {
    expect(SCHEDULES.map((schedule) => schedule.name)).toContain(caughtBy);
    const { stdout } = await run(
      process.execPath,
      ['--import', join(MODEL, 'break-protocol.ts'), join(MODEL, 'run-schedule.ts'), caughtBy],
      { env: { ...process.env, BROKEN_PROTOCOL: name, NODE_OPTIONS: '' } },
    );
    expect(JSON.parse(stdout)).toMatchObject({ violation: expect.stringMatching(/needs|restores/) as string });
  });
});

test('the twelve that were asked for are among them, and no two have one name', () => {
  const names = BROKEN_PROTOCOLS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(12);
});
