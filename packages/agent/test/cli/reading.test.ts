/** The commands that look inside and bring back, as a user types them. */
import * as fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';
import { readTree } from '../kit/read-tree.ts';
import { symlink } from '../kit/tree.ts';

/** A user who has backed up twice. */
async function backedUpTwice(): Promise<CliBench> {
  const bench = openCliBench({
    tree: {
      'letter.txt': 'Dear reader',
      pictures: { 'cat.jpg': 'miau' },
      link: symlink('letter.txt'),
      'bell\u0007': 'x',
    },
  });
  const { documents } = bench;
  expect(await bench.at('run', documents, '--tag', 'first')).toMatchObject({ code: 0 });
  fs.writeFileSync(`${documents}/letter.txt`, 'Dear all');
  fs.rmSync(`${documents}/pictures/cat.jpg`);
  fs.writeFileSync(`${documents}/new.txt`, 'new');
  expect(await bench.at('run', documents)).toMatchObject({ code: 0 });
  return bench;
}

/** Snapshots lists them, newest first. */
async function expectSnapshots(bench: CliBench): Promise<void> {
  const { snapshots } = (await bench.json('snapshots')) as { snapshots: { tags: string[]; totals: object }[] };
  expect(snapshots.map(({ tags }) => tags)).toEqual([[], ['first']]);
  expect(snapshots[0]?.totals).toMatchObject({ files: 3, others: 1 });
  const { stdout } = await bench.at('snapshots', '--tag', 'first');
  expect(stdout.split('\n')).toHaveLength(3);
  expect(stdout).toContain('[first]');
}

/** Ls shows a folder, with control characters made visible. */
async function expectLs(bench: CliBench): Promise<void> {
  const { code, stdout } = await bench.at('ls', 'latest');
  expect(code).toBe(0);
  expect(stdout).not.toContain('\u0007');
  expect(stdout.trim().split('\n').slice(1)).toEqual(
    ['letter.txt', 'link', 'new.txt', 'pictures/'].map((name) => `${bench.documents}/${name}`),
  );
  expect(await bench.json('ls', 'latest', 'letter.txt')).toMatchObject({
    entries: [{ path: `${bench.documents}/letter.txt`, kind: 'file', size: 8 }],
    damaged: [],
  });
  expect((await bench.at('ls', 'latest', '--long')).stdout).toMatch(/^lrwxrwxrwx .*link -> letter\.txt$/m);
}

/** Find tells the versions of a file. */
async function expectFind(bench: CliBench): Promise<void> {
  expect(await bench.json('find', '*.TXT', '--ignore-case')).toMatchObject({
    found: [
      { path: `${bench.documents}/letter.txt`, versions: [{ entry: { size: 11 } }, { entry: { size: 8 } }] },
      { path: `${bench.documents}/new.txt`, versions: [{ snapshots: 1 }] },
    ],
  });
  expect((await bench.at('find', 'nothing')).stdout).toBe('Nothing is found.\n');
}

/** Diff tells what changed. */
async function expectDiff(bench: CliBench): Promise<void> {
  const { snapshots } = (await bench.json('snapshots')) as { snapshots: { name: string }[] };
  const { stdout } = await bench.at('diff', snapshots[1]?.name as string, 'latest', '--no-metadata');
  expect(stdout).toBe(
    `M ${bench.documents}/letter.txt\n+ ${bench.documents}/new.txt\n- ${bench.documents}/pictures/cat.jpg\n1 added, 1 removed, 1 changed, 2 in metadata only\n`,
  );
}

/** Cat writes the bytes and nothing else. */
async function expectCat(bench: CliBench): Promise<void> {
  expect(await bench.at('cat', 'latest', `${bench.documents}/letter.txt`)).toMatchObject({
    code: 0,
    stdout: 'Dear all',
  });
  const { base64, size } = (await bench.json('cat', 'latest', 'letter.txt')) as { base64: string[]; size: number };
  expect([Buffer.from(base64.join(''), 'base64').toString(), size]).toEqual(['Dear all', 8]);
}

/** Stats shows sizes. */
async function expectStats(bench: CliBench): Promise<void> {
  expect(await bench.json('stats')).toMatchObject({ snapshots: 2, newest: { files: 3 } });
  expect((await bench.at('stats')).stdout).toMatch(/2 snapshots of .*\n/);
}

describe('of two backups', () => {
  test('snapshots, ls, find, diff, cat and stats show what is in them', async () => {
    const bench = await backedUpTwice();
    await expectSnapshots(bench);
    await expectLs(bench);
    await expectFind(bench);
    await expectDiff(bench);
    await expectCat(bench);
    await expectStats(bench);
  });

  test('restore brings back what was there, at the time that is asked for', async () => {
    const bench = await backedUpTwice();
    const target = `${bench.top}/restored`;
    const { code, stdout } = await bench.at('restore', 'latest', '--target', target);
    expect(code).toBe(0);
    expect(stdout).toMatch(/3 files, 12 B, 1 folder, 1 symlink restored to /);
    expect(readTree(target, { top: true })).toEqual(readTree(bench.documents, { top: true }));
    const { snapshots } = (await bench.json('snapshots')) as { snapshots: { name: string; landed: string }[] };
    const first = snapshots[1];
    const result = await bench.json('restore', first?.landed as string, 'letter.txt', '--target', `${bench.top}/first`);
    expect(result).toMatchObject({ snapshot: first?.name, outcome: 'complete', exitCode: 0, counts: { files: 1 } });
    expect(fs.readFileSync(`${bench.top}/first/letter.txt`, 'utf8')).toBe('Dear reader');
  });

  test('2: what cannot be done is one sentence', async () => {
    const bench = await backedUpTwice();
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['restore', 'latest'], /restore needs --target/],
      [['restore', '2001-01-01', '--target', 'x'], /no snapshot of laptop fits the time/],
      [['ls', 'yesterday'], /"yesterday" names no snapshot/],
      [['restore', 'latest', 'nowhere', '--target', 'x'], /"nowhere" is not in this snapshot/],
      [['restore', 'latest', '--target', 'x', '--delta', '--overwrite', 'never'], /--delta/],
      [['cat', 'latest', 'pictures'], /"pictures" is a folder, not a file/],
      [['restore', 'latest', '--target', `${bench.repository}/v1`], /lies in the repository/],
    ];
    for (const [words, message] of cases) {
      const { code, stdout, stderr } = await bench.at(...words);
      expect({ words, code, stdout }).toEqual({ words, code: 2, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});

test('3: what is damaged is named, the rest is restored; a damaged description of the repository stops no reader', async () => {
  const bench = openCliBench({ tree: { a: 'x'.repeat(1000), b: Buffer.alloc(700_000, 'random?') } });
  expect(await bench.at('run', bench.documents)).toMatchObject({ code: 0 });
  const folder = `${bench.repository}/v1/devices/laptop/data`;
  const pack = `${folder}/${fs.readdirSync(folder)[0]}/00000`;
  const bytes = fs.readFileSync(pack);
  bytes[10] = (bytes[10] as number) ^ 1;
  fs.chmodSync(pack, 0o600);
  fs.writeFileSync(pack, bytes);
  fs.chmodSync(`${bench.repository}/v1/repository.json`, 0o600);
  fs.writeFileSync(`${bench.repository}/v1/repository.json`, '{}');
  const target = `${bench.top}/restored`;
  const { code, stdout, stderr } = await bench.at('restore', 'latest', '--target', target);
  expect(code).toBe(3);
  expect(stdout).toMatch(/could not be restored:\n {2}[ab]: .*\/data\//);
  expect(stderr).toMatch(/repository\.json is damaged/);
});

test('a device without snapshots is named: it may be a mistyped one', async () => {
  const bench = openCliBench();
  await bench.cli('init', '--repo', bench.repository);
  expect(await bench.at('snapshots')).toMatchObject({ code: 0, stdout: 'There is no snapshot of laptop yet.\n' });
});
