/** `repair` as a user types it. */
import * as fs from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';

async function backedUp(): Promise<CliBench> {
  const bench = openCliBench({ tree: { 'noise.bin': randomBytes(100_000) } });
  expect(await bench.at('run', bench.documents)).toMatchObject({ code: 0 });
  fs.writeFileSync(path.join(bench.documents, 'letter.txt'), 'Dear reader');
  expect(await bench.at('run', bench.documents)).toMatchObject({ code: 0 });
  return bench;
}

/** The first object of this kind, in the order of the runs. */
function firstOf(bench: CliBench, kind: string): string {
  const folder = path.join(bench.repository, 'v1/devices/laptop', kind);
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => path.join(entry.parentPath, entry.name)).sort()[0] ?? '';
}

test('repair index: a lost index segment is written anew, and verify is content', async () => {
  const bench = await backedUp();
  expect(await bench.at('repair', 'index')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('nothing to repair') as string,
  });
  fs.rmSync(firstOf(bench, 'index'));
  expect(await bench.at('verify')).toMatchObject({ code: 7 });
  const dry = {
    code: 0,
    stdout: expect.stringMatching(/^Dry run: the index of 2 packs .* would be written/) as string,
  };
  expect(await bench.at('repair', 'index', '--dry-run')).toMatchObject(dry);
  expect(await bench.json('repair', 'index')).toMatchObject({
    device: 'laptop',
    exitCode: 0,
    packs: 2,
    damagedPacks: [],
  });
  expect(await bench.at('verify')).toMatchObject({ code: 0 });
  expect(await bench.at('run', bench.documents)).toMatchObject({ code: 0 });
});

test('repair snapshots: exit code 3, each lost file is named, and the new snapshot is whole', async () => {
  const bench = await backedUp();
  expect(await bench.at('repair', 'snapshots')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('nothing to repair') as string,
  });
  fs.rmSync(firstOf(bench, 'data'));
  const lost = path.join(bench.documents, 'noise.bin');
  const dry = await bench.at('repair', 'snapshots', '--dry-run');
  expect(dry).toMatchObject({ code: 3, stdout: expect.stringContaining(`\n  ${lost}\n`) as string });
  const repaired = await bench.at('repair', 'snapshots', '--json');
  expect(repaired.code).toBe(3);
  expect(JSON.parse(repaired.stdout)).toMatchObject({
    exitCode: 3,
    snapshots: [{ outcome: 'repaired-with-losses', lost: [lost], made: expect.any(String) as string }],
    others: [expect.any(String) as string],
  });
  expect(await bench.at('repair', 'snapshots')).toMatchObject({ code: 0 });
  expect(await bench.at('verify', 'latest', '--read-data')).toMatchObject({ code: 0 });
  expect(await bench.at('status')).toMatchObject({ code: 0 });
});

test('repair snapshots --read-data finds what is damaged itself', async () => {
  const bench = await backedUp();
  const file = firstOf(bench, 'data');
  const bytes = fs.readFileSync(file);
  bytes[50_000] = (bytes[50_000] as number) ^ 1;
  fs.chmodSync(file, 0o600);
  fs.writeFileSync(file, bytes);
  expect(await bench.at('repair', 'snapshots', 'latest')).toMatchObject({ code: 0 });
  expect(await bench.at('repair', 'snapshots', 'latest', '--read-data')).toMatchObject({ code: 3 });
  const target = path.join(bench.top, 'restored');
  expect(await bench.at('restore', 'latest', '--target', target)).toMatchObject({ code: 0 });
  expect(fs.readdirSync(target)).toEqual(['letter.txt']);
});

test('half a command is told', async () => {
  expect(await openCliBench().at('repair')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"repair" needs another word') as string,
  });
});
