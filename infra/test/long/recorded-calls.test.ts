/**
 * What the command and the nightly functions really ask of AWS, recorded while they work under the policies of the
 * stacks: a year of a small office, on a server of its own. The recordings in ../recorded are what the quick suites
 * compare the policies with; here they are compared with what is asked today. BACKUP_AGENT_TEST_MOTO is an interpreter
 * that has moto.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { skippedSuite } from '@backup-agent/core/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandResult, StartedCommand } from '../kit/recording/commands.ts';
import { describeRecordings, RECORDINGS } from '../kit/recording/files.ts';
import { openOffice } from '../kit/recording/office.ts';
import type { Office } from '../kit/recording/office.ts';
import type { RecordedRequest } from '../kit/recording/request.ts';
import type { Who } from '../kit/simulate.ts';
import { BY_DEFAULT } from '../kit/stacks.ts';

const python = process.env['BACKUP_AGENT_TEST_MOTO'];
const NAME = 'what is asked of AWS';
if (python === undefined) skippedSuite(NAME, 'no moto: set BACKUP_AGENT_TEST_MOTO to an interpreter that has it');
else describe(NAME, () => suite(python));

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MiB = 1024 ** 2;
/** Older than what nights keep of records. */
const LONG_AGO_DAYS = 410;
const DEVICE: Who = 'device dev-1';
const OTHER_DEVICE: Who = 'device dev-2';
const NAMES = ['device', 'administrator', 'restore', 'break-glass', 'night'] as const;

function suite(interpreter: string): void {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'recorded-'));
  const documents = path.join(folder, 'documents');
  let office: Office;
  let restored = 0;
  let firstNight: string;

  beforeAll(async () => {
    const principals = [...NAMES.flatMap((name): readonly Who[] => RECORDINGS[name]), OTHER_DEVICE];
    office = await openOffice({ python: interpreter, folder, principals, synthesized: BY_DEFAULT });
    fs.mkdirSync(path.join(documents, 'letters'), { recursive: true });
    fs.writeFileSync(path.join(documents, 'film.mp4'), randomBytes(72 * MiB));
  }, 240_000);
  afterAll(async () => {
    await office.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const start = (who: Who, ...words: readonly string[]): StartedCommand => office.start(who, ...words);
  const write = (name: string, content: string | Buffer): void => fs.writeFileSync(path.join(documents, name), content);
  /** A run with a letter that has not been there before. */
  const runWithLetter = async (ageMs: number): Promise<void> => {
    office.setAge(ageMs);
    write('letters/today.txt', `${ageMs} `.repeat(500));
    await start(DEVICE, 'run', documents).done();
  };
  const restoreTo = (): string => path.join(folder, `restored-${++restored}`);
  /** The coordinator's part: messages for the workers. */
  const beginNight = async (time: Date): Promise<string> => {
    const event = { id: `by the clock, ${time.toISOString()}`, time: time.toISOString() };
    return ((await office.coordinator.invoke(event)) as { night: string }).night;
  };
  const night = async (): Promise<string> => {
    office.setAge(0);
    const id = await beginNight(new Date());
    await office.queue.drain(office.worker);
    return id;
  };
  /** Does something to a command at its first request that fits; the command goes on meanwhile. */
  const at = async (
    isMeant: (request: RecordedRequest) => boolean,
    started: StartedCommand,
    signal: NodeJS.Signals,
  ): Promise<CommandResult> => {
    office.server.hooks.arrived = (request) => {
      if (!isMeant(request)) return;
      office.server.hooks.arrived = undefined;
      started.child.kill(signal);
    };
    const result = await started.ended;
    expect(office.server.hooks.arrived, 'no request fitted').toBeUndefined();
    return result;
  };
  const isOn = (operation: string, key: string) => (request: RecordedRequest) =>
    request.operation === operation && 'key' in request && request.key.includes(key);

  /** The first answer to each kind of write does not come back, though it was done. */
  const loseAnswersTo = (folders: readonly string[]): ReadonlySet<string> => {
    const lost = new Set<string>();
    office.server.hooks.answered = (request) => {
      const folder = folders.find((name) => 'key' in request && request.key.includes(`/${name}/`));
      const kind = `${request.operation} ${folder}`;
      if (folder === undefined || lost.has(kind)) return undefined;
      if (request.operation !== 'PutObject' && request.operation !== 'CompleteMultipartUpload') return undefined;
      lost.add(kind);
      return 500;
    };
    return lost;
  };
  const asked = (who: Who, operation: string): RecordedRequest[] =>
    office.server.recorded(who).allowed.filter((request) => request.operation === operation);

  test('before there is a repository, a device is told so', async () => {
    expect(await start(DEVICE, 'snapshots').ended).toMatchObject({ code: 4 });
  });

  test('the administrator sets up the repository, and a night finds nothing to do', async () => {
    office.setAge(LONG_AGO_DAYS * DAY_MS);
    await start('administrator', 'init', '--keep-within-days', '60').done();
    await start('administrator', 'maintain', '--set-policy', '--keep-within-days', '30', '--keep-last', '1').done();
    for (const device of ['dev-1', 'dev-9']) await start('administrator', 'device', 'enroll', device).done();
    await beginNight(new Date(Date.now() - LONG_AGO_DAYS * DAY_MS));
    await office.queue.drain(office.worker);
  }, 240_000);

  test('a first backup is interrupted, killed, and at last done', async () => {
    office.setAge((LONG_AGO_DAYS - 1) * DAY_MS);
    const run = (): StartedCommand => start(DEVICE, 'run', documents);
    expect(await at(isOn('UploadPart', '/data/'), run(), 'SIGINT')).toMatchObject({ code: 130 });
    expect(asked(DEVICE, 'AbortMultipartUpload')).toHaveLength(1);
    let begun = 0;
    const isSecondPack = (request: RecordedRequest): boolean =>
      isOn('CreateMultipartUpload', '/data/')(request) && ++begun === 2;
    expect(await at(isSecondPack, run(), 'SIGKILL')).toMatchObject({ code: 'SIGKILL' });
    expect(await run().ended).toMatchObject({ code: 0 });
  }, 240_000);

  test('for a year it is backed up, and sometimes an answer is lost', async () => {
    for (const days of [90, 60, 25, 20, 18, 16, 14]) await runWithLetter(days * DAY_MS);
    const lost = loseAnswersTo(['data', 'meta', 'index', 'snapshots', 'runs']);
    await runWithLetter(12 * DAY_MS);
    write('sound.mp3', randomBytes(10 * MiB));
    await runWithLetter(10 * DAY_MS);
    office.server.hooks.answered = undefined;
    expect([...lost].toSorted()).toEqual([
      'CompleteMultipartUpload data',
      ...['data', 'index', 'meta', 'runs', 'snapshots'].map((folder) => `PutObject ${folder}`),
    ]);
    await runWithLetter(2 * DAY_MS);
    await start(DEVICE, 'run', documents).done(); // Nothing has changed.
  }, 240_000);

  test('nights let snapshots expire, and remove what nothing needs any more a day later', async () => {
    firstNight = await night();
    await runWithLetter(HOUR_MS);
    office.server.setDateAhead(30 * HOUR_MS);
    office.setAge(0);
    const second = await beginNight(new Date());
    // A worker without time sends the device on.
    const message = { type: 'device', night: second, began: new Date().toISOString(), round: 0, device: 'dev-1' };
    const late = { Records: [{ messageId: 'late', body: JSON.stringify(message) }] };
    expect(await office.worker.invoke(late, { remainingMs: 45_000 })).toEqual({ batchItemFailures: [] });
    await office.queue.drain(office.worker);
    office.server.setDateAhead(0);
    for (const folder of ['data', 'meta', 'index', 'snapshots', 'runs', 'nights', 'reports'])
      expect(asked('worker', 'DeleteObject').some(isOn('DeleteObject', `/${folder}/`)), folder).toBe(true);
  }, 240_000);

  test('break-glass undoes the first night', async () => {
    const undoing = start('break-glass', 'maintain', '--undo', firstNight, '--device', 'dev-1');
    // Until no run can commit any more that has not seen what is marked.
    undoing.child.stderr?.on('data', (text: Buffer | string) => {
      if (String(text).includes('Waiting')) office.server.setDateAhead(HOUR_MS);
    });
    const { code, stdout } = await undoing.ended;
    office.server.setDateAhead(0);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/Brought back \d+ snapshots and \d+ packs/)]);
  }, 240_000);

  test('the administrator looks, holds, pins, and lets go', async () => {
    const admin = (...words: string[]): Promise<CommandResult> => start('administrator', ...words).done();
    await admin('hold', 'list');
    await admin('hold', 'clear', 'dev-1');
    await admin('hold', 'set', 'dev-1', '--reason', 'looking into it');
    await admin('hold', 'clear', 'dev-1');
    await admin('pin', 'latest', '--device', 'dev-1');
    await admin('unpin', 'latest', '--device', 'dev-1');
    await admin('device', 'list');
    await admin('device', 'retire', 'dev-9');
    await admin('snapshots', '--device', 'dev-1');
    await admin('status', '--device', 'dev-1');
    await admin('maintain', '--dry-run');
    await night();
  }, 240_000);

  test('what looks like ransomware is held, and somebody gets a mail', async () => {
    for (let i = 0; i < 150; i++) write(`letters/${i}.odt`, randomBytes(3000));
    await start(DEVICE, 'run', documents).done();
    for (let i = 0; i < 150; i++) {
      fs.rmSync(path.join(documents, `letters/${i}.odt`));
      write(`letters/${i}.odt.locked`, randomBytes(3000));
    }
    await start(DEVICE, 'run', documents).done();
    await office.queue.takeMails();
    await night();
    expect(await office.queue.takeMails()).toEqual([
      expect.objectContaining({ subject: expect.stringContaining('ransomware') }),
    ]);
  }, 240_000);

  test('a device looks into its backups, restores and verifies them', async () => {
    await start(DEVICE, 'snapshots').done();
    await start(DEVICE, 'ls', 'latest').done();
    await start(DEVICE, 'find', '*.mp3').done();
    await start(DEVICE, 'cat', 'latest', path.join(documents, 'letters/today.txt')).done();
    const { stdout } = await start(DEVICE, 'snapshots', '--json').done();
    const names = (JSON.parse(stdout) as { snapshots: { name: string }[] }).snapshots.map(({ name }) => name);
    await start(DEVICE, 'diff', names.at(-1) ?? '', names[0] ?? '').done();
    const target = restoreTo();
    await start(DEVICE, 'restore', 'latest', '--target', target).done();
    expect(fs.readdirSync(target).toSorted()).toEqual(fs.readdirSync(documents).toSorted());
    for (const words of [
      ['verify'],
      ['verify', '--read-data'],
      ['repair', 'index'],
      ['repair', 'snapshots'],
      ['stats'],
      ['status'],
    ])
      await start(DEVICE, ...words).done();
    await start(DEVICE, 'adopt').done();
  }, 240_000);

  test('the restore operator restores it', async () => {
    const restore = (...words: string[]): Promise<CommandResult> =>
      start('restore', ...words, '--device', 'dev-1').done();
    await restore('snapshots');
    await restore('find', '*.mp3');
    const target = restoreTo();
    await restore('restore', 'latest', '--target', target);
    expect(fs.readdirSync(target).toSorted()).toEqual(fs.readdirSync(documents).toSorted());
    await restore('verify', '--read-data');
    await restore('cost', '--from-repo', '--users', '2');
  }, 240_000);

  test('another device is refused all of it', async () => {
    for (const words of [['snapshots'], ['restore', 'latest', '--target', restoreTo()], ['run', documents]])
      expect(await start(OTHER_DEVICE, ...words, '--device', 'dev-1').ended, words[0]).toMatchObject({ code: 6 });
  }, 240_000);

  describeRecordings(NAMES, () => office.server);
}
