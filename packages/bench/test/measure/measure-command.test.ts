import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { measureCommand, type Command } from '../../src/measure/measure-command.ts';

const never = new AbortController().signal;
const nodeRuns = (script: string): Command => ({ file: process.execPath, args: ['-e', script], env: process.env });

// The loads are known by CPU time and bytes, not by the clock, so that a busy machine does not change them.
const BURN = `
  const used = () => process.cpuUsage().user + process.cpuUsage().system;
  while (used() < 250_000) for (let turn = 0; turn < 1_000_000; turn++);
`;
const hold = (mebibytes: number) =>
  `const held = Buffer.alloc(${mebibytes} * 2 ** 20, 1); setTimeout(() => held, 120);`;
const asChild = (script: string) =>
  `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(script)}]);`;
const MiB = 2 ** 20;

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test.each([
    ['that of the command itself', BURN, [240, 1000]],
    ['that of a process it started and waited for, too', asChild(BURN), [240, 1500]],
    ['next to none where it sleeps', 'setTimeout(() => {}, 400)', [0, 300]],
  ] as const)('the CPU time is %s', async (_, script, [minMs, maxMs]) => {
    const { cpuMs } = await measureCommand(nodeRuns(script), never);
    expect(cpuMs).toBeGreaterThanOrEqual(minMs);
    expect(cpuMs).toBeLessThanOrEqual(maxMs);
  });

  test('the CPU time of an earlier command is not counted again', async () => {
    await measureCommand(nodeRuns(BURN), never);
    expect((await measureCommand(nodeRuns(''), never)).cpuMs).toBeLessThan(300);
  });

  test.each([
    ['of the command itself', hold(200), [200, 320]],
    ['given back before the end', `{ ${hold(200)} } setTimeout(() => {}, 180)`, [200, 320]],
    [
      'of all its processes together',
      `const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(hold(100))}]);
       const held = Buffer.alloc(100 * 2 ** 20, 1); child.on('exit', () => held);`,
      [220, 400],
    ],
  ] as const)('the peak of memory is that %s', async (_, script, [minMiB, maxMiB]) => {
    const { peakBytes } = await measureCommand(nodeRuns(script), never);
    expect(peakBytes).toBeGreaterThan(minMiB * MiB);
    expect(peakBytes).toBeLessThan(maxMiB * MiB);
  });
});

test('the wall time is at least what the command waited', async () => {
  expect((await measureCommand(nodeRuns('setTimeout(() => {}, 100)'), never)).wallMs).toBeGreaterThan(99);
});

test('a command that fails is told with its exit code and the end of its stderr', async () => {
  const failing = measureCommand(nodeRuns('console.error("no such repository"); process.exitCode = 3;'), never);
  await expect(failing).rejects.toMatchObject({
    code: 'FAILED',
    message: expect.stringMatching(/exit code 3: no such repository$/),
  });
});

test('a command that is not there is told', async () => {
  const missing = measureCommand({ file: 'no-such-command', args: [], env: {} }, never);
  await expect(missing).rejects.toMatchObject({ code: 'FAILED', message: 'cannot start no-such-command' });
});

test('a command gets its own environment and nothing else', async () => {
  const command = {
    ...nodeRuns('process.exitCode = process.env.ONLY === "this" && !process.env.PATH ? 0 : 9'),
    env: { ONLY: 'this' },
  };
  await expect(measureCommand(command, never)).resolves.toHaveProperty('wallMs');
});

test('an interrupted bench ends the command and says so', async () => {
  const controller = new AbortController();
  const running = measureCommand(nodeRuns('setInterval(() => {}, 1000)'), controller.signal);
  await sleep(50);
  controller.abort();
  await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
});
