import { expect, test } from 'vitest';
import { adoptDevice, requireOwnDevice } from '../../src/state/device-owner.ts';
import { openBench } from '../kit/backup-bench.ts';
import type { Bench } from '../kit/backup-bench.ts';
import { temporaryFolder, writeTree } from '../kit/tree.ts';

async function backUpOn(bench: Bench, machine: string): Promise<void> {
  const folder = temporaryFolder();
  writeTree(folder, { 'a.txt': 'hello' });
  await bench.run([folder], {
    deps: { machine: { id: machine, host: `host-${machine}`, user: 'u', system: 's', agent: 'a' } },
  });
}

test('a device that nobody or this machine backed up as is its own', async () => {
  const bench = openBench();
  const here = { machine: 'here', stateFolder: temporaryFolder() };
  await requireOwnDevice(bench.repository, here);
  await backUpOn(bench, 'here');
  await requireOwnDevice(bench.repository, here);
  expect(await adoptDevice(bench.repository, here)).toBeUndefined();
});

test("another machine's device is refused until it is adopted, and again when that machine has run since", async () => {
  const bench = openBench();
  const here = { machine: 'here', stateFolder: temporaryFolder() };
  await backUpOn(bench, 'old');
  await expect(requireOwnDevice(bench.repository, here)).rejects.toMatchObject({
    code: 'OTHER_MACHINE',
    exitCode: 2,
    message: expect.stringMatching(/^device laptop-1 was backed up until \d{4}-\d\d-\d\d by host-old$/) as string,
    hint: expect.stringContaining('backup-agent adopt') as string,
  });
  expect((await adoptDevice(bench.repository, here))?.record.machine.host).toBe('host-old');
  await requireOwnDevice(bench.repository, here);
  await backUpOn(bench, 'old');
  await expect(requireOwnDevice(bench.repository, here)).rejects.toMatchObject({ code: 'OTHER_MACHINE' });
});
