import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { childrenCpuMs, watchMemory } from '../../src/measure/process-tree.ts';

const onLinux = test.runIf(process.platform === 'linux');
const MiB = 2 ** 20;

onLinux('memory that was given back before it was looked at is still in the peak', async () => {
  const script = `
    let held = Buffer.alloc(200 * 2 ** 20, 1);
    held = undefined;
    gc();
    console.log('given back');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--expose-gc', '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill());
  await once(child.stdout, 'data');
  const watch = watchMemory(child.pid!);
  watch.sample();
  expect(watch.peakBytes()).toBeGreaterThan(200 * MiB);
});

onLinux('what a child shares with its parent between fork and exec is counted once', async () => {
  const script =
    'held=$(head -c 60000000 /dev/zero | tr "\\0" a); (sleep 20; :) & (sleep 20; :) & (sleep 1; echo ready; sleep 20) & wait';
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  onTestFinished(() => void process.kill(-child.pid!, 'SIGKILL'));
  await once(child.stdout, 'data');
  const watch = watchMemory(child.pid!);
  watch.sample();
  // The shell's own peak is twice what it holds; with three copies of it the sum would be four times that.
  const whole = readFileSync(`/proc/${child.pid}/status`, 'latin1');
  const ownBytes = Number(/VmHWM:\s+(\d+)/.exec(whole)?.[1]) * 1024;
  expect(ownBytes).toBeGreaterThan(55 * MiB);
  expect(watch.peakBytes()).toBeLessThan(ownBytes + 30 * MiB);
});

onLinux('a process that has ended has no peak', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const watch = watchMemory(child.pid!);
  watch.sample();
  expect(watch.peakBytes()).toBeUndefined();
});

onLinux('CPU time that this process uses itself is not that of its children', () => {
  const before = childrenCpuMs();
  const { user } = process.cpuUsage();
  while (process.cpuUsage().user - user < 100_000);
  expect(childrenCpuMs()).toBe(before);
});
