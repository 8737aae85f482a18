import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeRunRecord, encodeRunRecord } from '@backup-agent/core';
import type { NightResult, SnapshotName } from '@backup-agent/core';
import { tellDevice } from '../../src/cli/maintain/tell-device.ts';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';

const DAY_S = 24 * 60 * 60;

/** As if all that is in the repository had been written so many days ago. */
function age(bench: CliBench, days: number): void {
  const top = path.join(bench.repository, 'v1/devices');
  const then = Date.now() / 1000 - days * DAY_S;
  for (const entry of readdirSync(top, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    if (path.basename(entry.parentPath) === 'runs') landEarlier(file, new Date(then * 1000));
    utimesSync(file, then, then);
  }
}

function landEarlier(file: string, landed: Date): void {
  const { committed, ...record } = decodeRunRecord(readFileSync(file), file);
  if (committed === undefined) return;
  writeFileSync(file, encodeRunRecord({ ...record, committed: { ...committed, landed: landed.toISOString() } }));
}

const snapshotsOf = (bench: CliBench): string[] =>
  readdirSync(path.join(bench.repository, 'v1/devices/laptop/snapshots')).sort();

const write = (bench: CliBench, text: string): void => writeFileSync(path.join(bench.documents, 'letter.txt'), text);

/** Two runs; the first lies 40 days back, the second two hours. */
async function makeOldRun(bench: CliBench): Promise<void> {
  await bench.at('run', bench.documents, '--no-maintain');
  await bench.at('maintain', '--set-policy', '--keep-last', '1');
  age(bench, 40);
  write(bench, 'Dear reader, once more');
  await bench.at('run', bench.documents, '--no-maintain');
  const [old, young] = snapshotsOf(bench);
  const twoHours = Date.now() / 1000 - 7200;
  utimesSync(path.join(bench.repository, 'v1/devices/laptop/snapshots', young as string), twoHours, twoHours);
  expect(old).not.toBe(young);
}

/** Made by the first test that asks, and copied for the others: it takes three runs of the command. */
let made: string | undefined;

async function withOldRun(): Promise<CliBench> {
  const bench = openCliBench();
  if (made === undefined) {
    await makeOldRun(bench);
    const copy = mkdtempSync(path.join(tmpdir(), 'backup-agent-test-'));
    cpSync(bench.repository, copy, { recursive: true, preserveTimestamps: true });
    made = copy;
  } else {
    cpSync(made, bench.repository, { recursive: true, preserveTimestamps: true });
    write(bench, 'Dear reader, once more');
  }
  return bench;
}

afterAll(() => {
  if (made !== undefined) rmSync(made, { recursive: true });
});

describe('maintain', () => {
  test('removes the snapshots that the policy lets go and the packs that nothing needs', async () => {
    const bench = await withOldRun();
    const { code, stdout } = await bench.at('maintain');
    expect([code, stdout]).toEqual([0, expect.stringContaining('removed 1 snapshot and 1 pack')]);
    expect(snapshotsOf(bench)).toHaveLength(1);
    expect((await bench.at('verify', '--read-data')).code).toBe(0);
  });

  test('--dry-run tells every decision with its reasons, and changes nothing', async () => {
    const bench = await withOldRun();
    const { stdout } = await bench.at('maintain', '--dry-run');
    expect(stdout).toMatch(/goes +superseded by .*older than 30 days/);
    expect(stdout).toMatch(/stays +within 30 days/);
    expect(stdout).toContain('would remove 1 snapshot and 1 pack');
    expect(snapshotsOf(bench)).toHaveLength(2);
  });

  test('--json is one object with decisions', async () => {
    const bench = await withOldRun();
    expect(await bench.json('maintain', '--dry-run')).toMatchObject({
      dryRun: true,
      device: 'laptop',
      decisions: [{ keep: true }, { keep: false, reasons: expect.any(Array) as unknown }],
      snapshots: { total: 2, removed: [expect.any(String)] },
    });
  });

  test('obeys a pin and a hold', async () => {
    const bench = await withOldRun();
    await bench.at('hold', 'set', 'laptop', '--reason', 'a look first');
    const held = await bench.at('maintain');
    expect(held.stdout).toContain('Nothing was removed: on hold since');
    await bench.at('hold', 'clear', 'laptop');
    const [old] = snapshotsOf(bench);
    await bench.at('pin', (old as string).replace('.json', ''));
    expect((await bench.at('maintain')).stdout).toContain('removed 0 snapshots');
    expect(snapshotsOf(bench)).toHaveLength(2);
  });

  test('--set-policy stores a policy, and says it', async () => {
    const bench = await withOldRun();
    const said = await bench.at('maintain', '--set-policy', '--keep-within-days', '60', '--keep-tag', 'tax');
    expect(said.stdout).toBe(
      'Retention from now on: all snapshots of 60 days, and the newest of 3 days with backups, and those tagged "tax".\n',
    );
    await bench.at('maintain');
    expect(snapshotsOf(bench)).toHaveLength(2);
  });

  test.each([
    [['--keep-last', '2'], 'a retention policy is given without --set-policy'],
    [['--dry-run', '--set-policy'], '--dry-run and --set-policy do not go together'],
    [['--undo', 'yesterday'], '"yesterday" is not the name of a night'],
    [
      ['--undo', '20260105T020000Z-0a1b2c3d'],
      'what maintenance removed from a local repository cannot be brought back',
    ],
    [['--set-policy', '--time-zone', 'Europe/Nowhere'], '"Europe/Nowhere" is not a time zone'],
  ])('%j is refused with one sentence', async (words, sentence) => {
    const bench = openCliBench();
    await bench.at('run', bench.documents);
    const { code, stderr } = await bench.at('maintain', ...words);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });

  test('of a device that another machine backs up as is refused until it is adopted', async () => {
    const bench = await withOldRun();
    const folder = path.join(bench.repository, 'v1/devices/laptop/runs');
    for (const name of readdirSync(folder)) {
      const file = path.join(folder, name);
      const record = decodeRunRecord(readFileSync(file), name);
      writeFileSync(file, encodeRunRecord({ ...record, machine: { ...record.machine, id: 'other', host: 'desk-9' } }));
    }
    expect(await bench.at('maintain')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('by desk-9') as unknown,
    });
    await bench.at('adopt');
    expect(await bench.at('maintain')).toMatchObject({ code: 0 });
  });

  test('of no repository is exit code 4, and makes none', async () => {
    const bench = openCliBench();
    expect(await bench.at('maintain')).toMatchObject({ code: 4 });
  });

  test('names a pack that is missing, with the snapshots that need it', async () => {
    const bench = await withOldRun();
    const [, young] = snapshotsOf(bench);
    const run = (young as string).replace('.json', '');
    rmSync(path.join(bench.repository, 'v1/devices/laptop/data', run, '00000'));
    const { code, stdout } = await bench.at('maintain');
    expect(code).toBe(7);
    expect(stdout).toContain(`Damaged: v1/devices/laptop/data/${run}/00000: missing`);
    expect(stdout).toContain(`needed by ${run}`);
  });

  test('of many snapshots that need a missing pack it names five', async () => {
    const bench = await withOldRun();
    const result = (await bench.json('maintain', '--dry-run')) as NightResult;
    const snapshots = Array.from({ length: 7 }, (_, i) => `20260105T08000${i}Z-0a1b2c3d` as SnapshotName);
    const finding = { key: 'v1/devices/laptop/data/20260105T080000Z-0a1b2c3d/00000', what: 'missing', snapshots };
    const lines: string[] = [];
    tellDevice(
      { line: (text) => void lines.push(text) },
      { ...result, verification: { ...result.verification, findingCount: 1, findings: [finding] } },
      { dryRun: true },
    );
    expect(lines).toContain(`    needed by ${snapshots.slice(0, 5).join(', ')} and 2 more`);
  });
});

describe('a run', () => {
  test('maintains a local repository, and says what went', async () => {
    const bench = await withOldRun();
    write(bench, 'a third time');
    const { stdout } = await bench.at('run', bench.documents);
    expect(stdout).toContain('maintenance removed 1 old snapshot and 1 pack');
    expect(snapshotsOf(bench)).toHaveLength(2);
  });

  test('with --no-maintain leaves everything', async () => {
    const bench = await withOldRun();
    await bench.at('run', bench.documents, '--no-maintain');
    expect(snapshotsOf(bench)).toHaveLength(3);
  });

  test('succeeds though its maintenance cannot decide anything', async () => {
    const bench = await withOldRun();
    const [old] = snapshotsOf(bench);
    const file = path.join(bench.repository, 'v1/devices/laptop/snapshots', old as string);
    writeFileSync(file, readFileSync(file, 'utf8').replace('version', 'versiom'));
    const { code, stderr } = await bench.at('run', bench.documents);
    expect(code).toBe(0);
    expect(stderr).toContain('no old snapshot was removed');
  });
});
