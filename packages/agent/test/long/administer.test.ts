/** What an administrator says to maintenance, as it is typed: hold, pin, unpin, device. */
import * as fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  openLocalStore,
  parseDeviceId,
  readDeviceWords,
  readHold,
  readPinWords,
  REASON_LENGTH_MAX,
} from '@backup-agent/core';
import type { ObjectStore } from '@backup-agent/core';
import { RepositoryBuilder, startS3Endpoint } from '@backup-agent/core/test-kit';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';

const LAPTOP = parseDeviceId('laptop');
const storeOf = ({ repository }: CliBench): Promise<ObjectStore> => openLocalStore({ folder: repository });

/** A device `laptop` with two snapshots, newest first. */
async function twoSnapshots(): Promise<{ bench: CliBench; names: [string, string] }> {
  const bench = openCliBench();
  const store = await openLocalStore({ folder: bench.repository, create: true });
  const builder = new RepositoryBuilder({ store, device: LAPTOP });
  const older = await builder.snapshot([{ path: '' }, { path: 'letter.txt', content: 'Dear reader' }]);
  const newest = await builder.snapshot([{ path: '' }, { path: 'letter.txt', content: 'Dear all' }]);
  return { bench, names: [newest, older] };
}

const filesIn = (folder: string): string[] =>
  fs.existsSync(folder)
    ? fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
    : [];
/** How many words there are. */
const countWords = ({ repository }: CliBench, kind: string): number =>
  filesIn(path.join(repository, 'v1/system', kind)).length;

function spoilNewest({ repository }: CliBench, kind: string): void {
  const file = filesIn(path.join(repository, 'v1/system', kind))
    .sort()
    .at(-1) as string;
  fs.chmodSync(file, 0o600);
  fs.writeFileSync(file, 'spoiled');
}

describe('hold', () => {
  test('set, list and clear: who, why, and since when', async () => {
    const { bench } = await twoSnapshots();
    expect((await bench.at('hold', 'list')).stdout).toBe('No device is held.\n');
    expect((await bench.at('hold', 'list', 'laptop')).stdout).toBe('Device laptop has never been held.\n');
    const set = await bench.json('hold', 'set', 'laptop', '--reason', 'malware');
    expect(set).toMatchObject({ device: 'laptop', state: 'held', outcome: 'said', reason: 'malware' });
    const hold = await readHold(await storeOf(bench), LAPTOP);
    expect(hold?.word).toMatchObject({ state: 'held', reason: 'malware', by: expect.stringMatching(/.@./) as string });
    const since = hold?.landed.toISOString();
    expect(await bench.json('hold', 'list')).toEqual({
      holds: [{ device: 'laptop', state: 'held', since, by: hold?.word.by, reason: 'malware' }],
    });
    expect((await bench.at('hold', 'list')).stdout).toMatch(
      /^device +state +since +by +reason\nlaptop +held .*malware\n$/,
    );
    expect(await bench.json('hold', 'clear', 'laptop')).toMatchObject({
      state: 'released',
      outcome: 'said',
      reason: '',
    });
    expect(await bench.json('hold', 'list')).toEqual({ holds: [] });
    expect((await bench.at('hold', 'list', 'laptop')).stdout).toMatch(/laptop +released /);
  });

  test('what holds already is said again only with a reason', async () => {
    const { bench } = await twoSnapshots();
    expect((await bench.at('hold', 'clear', 'laptop')).stdout).toMatch(/is not held; nothing was changed/);
    await bench.at('hold', 'set', 'laptop');
    expect((await bench.at('hold', 'set', 'laptop')).stdout).toMatch(
      /is held already, since 20.* by .*nothing was changed/,
    );
    expect(countWords(bench, 'holds')).toBe(1);
    await bench.at('hold', 'set', 'laptop', '--reason', 'malware');
    expect(countWords(bench, 'holds')).toBe(2);
    expect((await readHold(await storeOf(bench), LAPTOP))?.word.reason).toBe('malware');
  });

  test('a damaged word is told, with what mends it, and that does', async () => {
    const { bench } = await twoSnapshots();
    await bench.at('hold', 'set', 'laptop');
    spoilNewest(bench, 'holds');
    for (const words of [
      ['hold', 'list'],
      ['hold', 'list', 'laptop'],
      ['device', 'list'],
    ]) {
      const { code, stderr } = await bench.at(...words);
      expect({ words, code }).toEqual({ words, code: 7 });
      expect(stderr).toMatch(/holds\/laptop\/.*is damaged.*Say it anew/);
    }
    expect(await bench.json('hold', 'set', 'laptop')).toMatchObject({ outcome: 'said' });
    expect(await bench.json('hold', 'list')).toMatchObject({ holds: [{ device: 'laptop', state: 'held' }] });
  });
});

test('2: what cannot be said is one sentence, and nothing is written', async () => {
  const { bench } = await twoSnapshots();
  const before = filesIn(path.join(bench.repository, 'v1/system'));
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['hold', 'set', 'laptp'], /no device "laptp" in .*\. Did you mean "laptop"\?/],
    [['hold', 'clear', 'somebody'], /no device "somebody" in .*"backup-agent device list" shows them/],
    [['hold', 'list', 'laptp'], /no device "laptp"/],
    [['hold', 'set', 'My PC'], /"My PC" is not a device id/],
    [['hold', 'set'], /<device-id> is missing/],
    [['hold', 'set', 'laptop', '--reason', 'x'.repeat(REASON_LENGTH_MAX + 1)], /2001 characters are more than 2000/],
    [['device', 'retire', 'laptp'], /no device "laptp"/],
    [['device', 'enroll', '../x'], /not a device id/],
    [['pin', 'yesterday'], /"yesterday" names no snapshot/],
    [['pin', '20010101'], /no snapshot of laptop fits "20010101"/],
    [['unpin', '20010101'], /no snapshot of laptop fits "20010101"/],
  ];
  for (const [words, sentence] of cases) {
    const { code, stdout, stderr } = await bench.at(...words);
    expect({ words, code, stdout }).toEqual({ words, code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  }
  expect(filesIn(path.join(bench.repository, 'v1/system'))).toEqual(before);
});

describe('pin', () => {
  test('marks a snapshot where snapshots are shown, until it is unpinned', async () => {
    const { bench, names } = await twoSnapshots();
    const [newest, older] = names;
    const pinned = await bench.json('pin', older, '--reason', 'accounts');
    expect(pinned).toMatchObject({ device: 'laptop', snapshot: older, state: 'pinned', outcome: 'said' });
    expect(await bench.json('snapshots')).toMatchObject({
      snapshots: [
        { name: newest, pinned: false },
        { name: older, pinned: true },
      ],
    });
    const { stdout } = await bench.at('snapshots');
    expect(stdout.split('\n').map((line) => line.includes('ok, pinned'))).toEqual([false, false, true, false]);
    expect((await bench.at('pin', older)).stdout).toMatch(/is pinned already.*nothing was changed/);
    expect(countWords(bench, 'pins')).toBe(1);
    expect((await bench.at('unpin', older)).stdout).toMatch(/is not pinned any more/);
    expect((await bench.at('unpin', older)).stdout).toMatch(/is not pinned; nothing was changed/);
    expect(await bench.json('snapshots')).toMatchObject({ snapshots: [{ pinned: false }, { pinned: false }] });
    const words = [...(await readPinWords(await storeOf(bench), LAPTOP))].map(([name, { word }]) => [name, word.state]);
    expect(words).toEqual([[older, 'unpinned']]);
  });

  test('unpin takes the beginning of a name that only one pinned snapshot has, also of one that is gone', async () => {
    const { bench, names } = await twoSnapshots();
    const [newest, older] = names;
    const day = older.slice(0, 8);
    await bench.at('pin', older);
    expect((await bench.at('pin', day)).stderr).toMatch(/2 snapshots begin with/);
    fs.rmSync(path.join(bench.repository, `v1/devices/laptop/snapshots/${older}.json`));
    expect(await bench.json('unpin', day)).toMatchObject({ snapshot: older, outcome: 'said' });
    expect(await bench.json('unpin', day)).toMatchObject({ snapshot: newest, outcome: 'unchanged' });
  });

  test('a damaged pin hides no snapshot, is told, and can be mended', async () => {
    const { bench, names } = await twoSnapshots();
    await bench.at('pin', 'latest');
    spoilNewest(bench, 'pins');
    const { code, stdout, stderr } = await bench.at('snapshots');
    expect(code).toBe(7);
    expect(stdout.split('\n')).toHaveLength(4);
    expect(stderr).toMatch(/pins\/laptop\/.*is damaged/);
    expect(await bench.json('snapshots')).toMatchObject({
      snapshots: [{ pinned: null }, { pinned: null }],
      damaged: [expect.stringContaining('v1/system/pins/') as string],
    });
    expect(await bench.json('unpin', names[0])).toMatchObject({ snapshot: names[0], outcome: 'said' });
    expect(await bench.at('snapshots')).toMatchObject({ code: 0 });
  });
});

describe('device', () => {
  test('list tells devices that were spoken of and those that are only seen', async () => {
    const { bench, names } = await twoSnapshots();
    expect(await bench.json('device', 'enroll', 'phone')).toMatchObject({ state: 'enrolled', outcome: 'said' });
    expect(await bench.json('device', 'enroll', 'phone')).toMatchObject({ outcome: 'unchanged' });
    expect(countWords(bench, 'devices')).toBe(1);
    expect(await bench.json('device', 'enroll', 'desk-1')).toMatchObject({ outcome: 'said' });
    expect(await bench.json('device', 'retire', 'desk-1')).toMatchObject({ state: 'retired', outcome: 'said' });
    await bench.at('hold', 'set', 'laptop', '--reason', 'malware');
    expect(await bench.json('device', 'list')).toEqual({
      repository: bench.repository,
      devices: [
        { device: 'desk-1', state: 'retired', newestSnapshot: null, hold: null },
        {
          device: 'laptop',
          state: 'seen',
          newestSnapshot: { name: names[0], landed: expect.any(String) as string },
          hold: expect.objectContaining({ reason: 'malware' }) as object,
        },
        { device: 'phone', state: 'enrolled', newestSnapshot: null, hold: null },
      ],
    });
    expect((await bench.at('device', 'list')).stdout).toMatch(
      /^device +state +newest snapshot +hold\ndesk-1 +retired +none +-\nlaptop +seen only +20\S+ \S+ +since 20\S+ \S+\nphone +enrolled +none +-\n$/,
    );
    const words = await readDeviceWords(await storeOf(bench));
    expect(words.get(parseDeviceId('desk-1'))?.word.state).toBe('retired');
  });

  test('a snapshot that cannot be read is told, and the one before is shown', async () => {
    const { bench, names } = await twoSnapshots();
    const file = path.join(bench.repository, `v1/devices/laptop/snapshots/${names[0]}.json`);
    fs.chmodSync(file, 0o600);
    fs.writeFileSync(file, 'spoiled');
    const { code, stdout, stderr } = await bench.at('device', 'list', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ devices: [{ newestSnapshot: { name: names[1] } }] });
    expect(stderr).toMatch(/is damaged/);
  });
});

test('in an empty repository nothing is held and there is no device', async () => {
  const bench = openCliBench();
  await bench.at('init');
  expect((await bench.at('device', 'list')).stdout).toBe('There is no device yet.\n');
  expect(await bench.json('hold', 'list')).toEqual({ holds: [] });
});

test('on S3 a refusal says whose role is needed; a device still sees its snapshots, not what is pinned', async () => {
  const endpoint = await startS3Endpoint();
  try {
    const { cli, documents } = openCliBench({ env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' } });
    const at = (...words: string[]) =>
      cli(...words, '--repo', 's3://bucket/office', '--endpoint', endpoint.url, '--device', 'laptop');
    expect(await at('init', '--no-probe')).toMatchObject({ code: 0 });
    expect(await at('run', documents)).toMatchObject({ code: 0 });
    expect(await at('pin', 'latest')).toMatchObject({ code: 0 });
    expect(await at('hold', 'set', 'laptop')).toMatchObject({ code: 0 });
    const list = async (): Promise<unknown> => JSON.parse((await at('snapshots', '--json')).stdout);
    expect(await list()).toMatchObject({ snapshots: [{ pinned: true }] });
    endpoint.settings.denies = ({ key }) => key.startsWith('office/v1/system/') || key === 'office/v1/devices/';
    for (const words of [
      ['hold', 'set', 'laptop'],
      ['pin', 'latest'],
      ['device', 'list'],
    ]) {
      const { code, stderr } = await at(...words);
      expect({ words, code }).toEqual({ words, code: 6 });
      expect(stderr).toMatch(/not allowed to list .*This command needs the administrator's role on the repository/);
    }
    expect(await list()).toMatchObject({ snapshots: [{ pinned: null }], damaged: [] });
    expect((await at('snapshots')).stdout).not.toContain('pinned');
  } finally {
    await endpoint.close();
  }
});

test('help and completion know commands of two words', async () => {
  const { cli } = openCliBench();
  const complete = async (...typed: string[]): Promise<string[]> =>
    (await cli('--get-yargs-completions', 'backup-agent', ...typed)).stdout.trim().split('\n');
  expect(await complete('hol')).toEqual(['hold']);
  expect(await complete('hold', '')).toEqual(['set', 'clear', 'list']);
  expect(await complete('hold', 'set', '--rea')).toEqual(['--reason']);
  const group = await cli('device', '--help');
  expect(group.code).toBe(0);
  expect(group.stdout).toMatch(/device list .*\n.*device enroll .*\n.*device retire /);
  expect(group.stdout).not.toContain('hold');
  expect((await cli('help', 'hold', 'set')).stdout).toMatch(
    /^backup-agent hold set <device-id> \[options\]\n[^]*<device-id> /,
  );
  expect((await cli('--help')).stdout).toMatch(/hold clear .*\n/);
  for (const [words, sentence] of [
    [['hold'], /"hold" needs another word after it\. Write "hold set" or/],
    [['hold', '--json'], /"hold" needs another word/],
    [['hold', 'sett', 'laptop'], /there is no command "hold sett"\. Did you mean "hold set"/],
  ] as const) {
    const { code, stderr } = await cli(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  }
});
