import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
