import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { machineId } from '../../src/state/machine.ts';
import { testOnLinux } from '../kit/tools.ts';
import { temporaryFolder } from '../kit/tree.ts';

test('the id is the same each time', () => {
  const sources = { platform: process.platform, stateFolder: temporaryFolder(), random: randomBytes };
  expect(machineId(sources)).toMatch(/^[0-9a-f]{32}$/);
  expect(machineId(sources)).toBe(machineId(sources));
});

testOnLinux("the system's own id is not given away", () => {
  const own = fs.existsSync('/etc/machine-id') ? fs.readFileSync('/etc/machine-id', 'utf8').trim() : '';
  const id = machineId({ platform: 'linux', stateFolder: temporaryFolder(), random: randomBytes });
  expect(own === '' || !own.includes(id)).toBe(true);
});

test('where the system has no id, one is invented and kept', () => {
  const stateFolder = path.join(temporaryFolder(), 'state');
  // No program of this name is on the disk, so the system tells nothing.
  const sources = { platform: 'darwin', stateFolder, random: randomBytes } as const;
  if (process.platform === 'darwin') return;
  const id = machineId(sources);
  expect(machineId(sources)).toBe(id);
  fs.rmSync(stateFolder, { recursive: true });
  expect(machineId(sources)).not.toBe(id);
});
