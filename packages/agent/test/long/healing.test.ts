/** Damage that `verify` has found is made good by the next run, as far as the files are still there. */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { memoryStore, repositoryKey } from '@backup-agent/core';
import type { ObjectKey, SnapshotName } from '@backup-agent/core';
import { damagedStore } from '@backup-agent/core/test-kit';
import type { DamagedStore } from '@backup-agent/core/test-kit';
import { afterVerify, readDamageNote, writeDamageNote } from '../../src/state/damage-note.ts';
import { openBench } from '../kit/backup-bench.ts';
import type { Bench } from '../kit/backup-bench.ts';
import { readTree } from '../kit/read-tree.ts';
import { problemsOf, restoreInto } from '../kit/restore-bench.ts';
import { temporaryFolder, writeTree } from '../kit/tree.ts';
import type { TreeLiteral } from '../kit/tree.ts';
import { damagedKeys, verifyHere } from '../kit/verify-bench.ts';

interface Damaged {
  readonly bench: Bench;
  readonly store: DamagedStore;
  readonly source: string;
  readonly snapshot: SnapshotName;
  readonly pack: string;
}

/** A backup, one byte of whose first pack of this kind is flipped. */
async function damagedBackup(tree: TreeLiteral, kind: 'data' | 'meta', at: number): Promise<Damaged> {
  const store = damagedStore(memoryStore());
  const bench = openBench({ store });
  const source = temporaryFolder();
  writeTree(source, tree);
  const { name } = await bench.run([source]);
  const [pack] = (await store.list(`v1/devices/laptop-1/${kind}/`)).objects;
  await store.flip(pack?.key ?? '', at);
  return { bench, store, source, snapshot: name as SnapshotName, pack: pack?.key ?? '' };
}

/** As the command does. */
async function verifyAndNote({ repository, damageFile }: Bench): Promise<string[]> {
  const result = await verifyHere(repository);
  writeDamageNote(damageFile, afterVerify(readDamageNote(damageFile), result.packs));
  return damagedKeys(result).filter((key) => key !== repositoryKey());
}

const noise = randomBytes(3_000_000);

test('a run reads again what verify found damaged, and both snapshots are whole', async () => {
  const { bench, source, snapshot, pack } = await damagedBackup({ noise, other: 'text' }, 'data', 1_000_000);
  expect(await verifyAndNote(bench)).toEqual([pack]);
  const { exitCode, record, snapshot: second } = await bench.run([source]);
  expect(exitCode).toBe(0);
  expect(record.counts).toMatchObject({ filesUnchanged: 2, packs: 1 });
  expect(record.bytes.new).toBeLessThan(noise.length);
  expect(Object.keys(second?.packs.data ?? {})).toHaveLength(2);
  expect(bench.events.filter(({ type }) => type === 'note')).toHaveLength(1);
  for (const selector of [{ by: 'latest' }, { by: 'name', prefix: snapshot }] as const) {
    const target = temporaryFolder();
    expect(problemsOf(await restoreInto(bench.repository, target, { snapshot: selector }))).toEqual({});
    expect(readTree(target)).toEqual(readTree(source));
  }
});

test('verify says then that the damage costs nothing', async () => {
  const { bench, source, pack } = await damagedBackup({ noise }, 'data', 1_000_000);
  await verifyAndNote(bench);
  await bench.run([source]);
  const { findings } = await verifyHere(bench.repository);
  expect(findings.find(({ key }) => key === pack)?.costs).toMatchObject({ snapshots: [], entries: 0 });
});

test('without the note a run goes on using what is damaged', async () => {
  const { bench, source } = await damagedBackup({ noise }, 'data', 1_000_000);
  await verifyAndNote(bench);
  rmSync(bench.damageFile);
  expect((await bench.run([source])).record.counts.packs).toBe(0);
});

test('once healed, later runs name the undamaged copy, with the note and without it', async () => {
  const { bench, source } = await damagedBackup({ noise, changing: '1' }, 'data', 1_000_000);
  await verifyAndNote(bench);
  const healing = (await bench.run([source])).record.run;
  for (const text of ['2', '3']) {
    writeFileSync(join(source, 'changing'), text);
    const { snapshot, record } = await bench.run([source]);
    expect(record.counts.filesChanged).toBe(1);
    expect(Object.keys(snapshot?.packs.data ?? {})).toContain(healing);
    rmSync(bench.damageFile, { force: true });
  }
});

test('a healed tree that does not change is trusted as a whole again', async () => {
  const { bench, store, source } = await damagedBackup({ noise }, 'data', 1_000_000);
  await verifyAndNote(bench);
  await bench.run([source]);
  const read: string[] = [];
  const { record } = await bench.run([source], {
    through: () => ({
      ...store,
      find: (key: ObjectKey, bytesMax: number) => {
        read.push(key.split('/')[3] ?? '');
        return store.find(key, bytesMax);
      },
    }),
  });
  expect(record.counts).toMatchObject({ filesUnchanged: 1, packs: 0 });
  expect(read).not.toContain('index');
});

describe('a file that has changed meanwhile', () => {
  test('is saved as it is now, and its lost version is named once', async () => {
    const { bench, source, snapshot } = await damagedBackup({ 'a.bin': noise, kept: 'text' }, 'data', 1_000_000);
    await verifyAndNote(bench);
    writeFileSync(join(source, 'a.bin'), 'something else');
    const { exitCode, record } = await bench.run([source]);
    expect(exitCode).toBe(3);
    expect(record.problems).toEqual([
      { path: join(source, 'a.bin'), reason: expect.stringContaining('an earlier version of it') as string },
    ]);
    expect(await bench.run([source])).toMatchObject({ exitCode: 0 });
    const old = await restoreInto(bench.repository, temporaryFolder(), { snapshot: { by: 'name', prefix: snapshot } });
    expect(Object.keys(problemsOf(old))).toEqual(['a.bin']);
    expect(problemsOf(await restoreInto(bench.repository, temporaryFolder()))).toEqual({});
  });

  test('and one that was deleted', async () => {
    const { bench, source } = await damagedBackup({ 'a.bin': noise, kept: 'text' }, 'data', 1_000_000);
    await verifyAndNote(bench);
    rmSync(join(source, 'a.bin'));
    const { exitCode, record } = await bench.run([source]);
    expect([exitCode, record.problems.map(({ path }) => path)]).toEqual([3, [join(source, 'a.bin')]]);
  });

  test('but not if another file still has the content', async () => {
    const { bench, source } = await damagedBackup({ a: noise, b: noise }, 'data', 1_000_000);
    await verifyAndNote(bench);
    rmSync(join(source, 'a'));
    expect(await bench.run([source])).toMatchObject({ exitCode: 0 });
  });
});

test('content that comes back is stored anew, not taken for stored', async () => {
  const { bench, source } = await damagedBackup({ a: noise, kept: 'text' }, 'data', 1_000_000);
  await verifyAndNote(bench);
  rmSync(join(source, 'a'));
  await bench.run([source]);
  writeFileSync(join(source, 'again'), noise);
  await bench.run([source]);
  expect(problemsOf(await restoreInto(bench.repository, temporaryFolder()))).toEqual({});
});

test('files of other folders are not named, and healed by a run of theirs', async () => {
  const { bench, source } = await damagedBackup({ noise }, 'data', 1_000_000);
  await verifyAndNote(bench);
  const other = temporaryFolder();
  writeTree(other, { small: 'text' });
  expect(await bench.run([other])).toMatchObject({ exitCode: 0 });
  expect((await bench.run([source])).record.counts.packs).toBe(1);
});

test('damage found while a run was under way is not taken for healed', async () => {
  const { bench, store, source } = await damagedBackup({ noise, small: 'a' }, 'data', 1_000_000);
  writeFileSync(join(source, 'small'), 'another');
  await bench.run([source], {
    through: () => ({
      ...store,
      create: async (...args: Parameters<typeof store.create>) => {
        if (args[0].includes('/snapshots/')) await verifyAndNote(bench);
        return store.create(...args);
      },
    }),
  });
  expect(readDamageNote(bench.damageFile).sound).toEqual([]);
  expect((await bench.run([source])).record.bytes.new).toBeGreaterThan(100_000);
});

test('damaged catalog pages are written anew, and both snapshots are whole', async () => {
  const { bench, source, snapshot, pack } = await damagedBackup({ a: 'a', b: 'b' }, 'meta', 20);
  expect(await verifyAndNote(bench)).toEqual([pack]);
  await bench.run([source]);
  for (const selector of [{ by: 'latest' }, { by: 'name', prefix: snapshot }] as const) {
    const target = temporaryFolder();
    expect(problemsOf(await restoreInto(bench.repository, target, { snapshot: selector }))).toEqual({});
    expect(readTree(target)).toEqual(readTree(source));
  }
  const { findings } = await verifyHere(bench.repository);
  expect(findings.find(({ key }) => key === pack)?.costs).toMatchObject({ snapshots: [], entries: 0 });
});

test('the note goes with the pack', async () => {
  const { bench, store, source, pack } = await damagedBackup({ noise }, 'data', 1_000_000);
  await verifyAndNote(bench);
  await store.remove(pack as ObjectKey);
  await bench.run([source]);
  expect(readDamageNote(bench.damageFile).packs.size).toBe(0);
});
