import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { marksKey } from '../../../src/keys.ts';
import { parseDeviceId } from '../../../src/ids.ts';
import { openLocalStore } from '../../../src/store/local/open-local-store.ts';
import { filesUnder, temporaryFolder } from './temporary-folder.ts';

const SCRIPT = join(import.meta.dirname, 'creating-process.ts');
const MiB = 1024 * 1024;
const key = (n: number) => marksKey(parseDeviceId('laptop'), n);

test('of two processes that create the same keys exactly one wins each', async () => {
  const folder = await temporaryFolder();
  const writers = ['1', '2'].map((fill) => startWriter(folder, fill, '1600', '60'));
  for (const writer of writers) await writer.says('ready');
  for (const writer of writers) writer.go();
  await Promise.all(writers.map(({ ended }) => ended));

  const store = await openLocalStore({ folder });
  for (let n = 1; n <= 60; n += 1) {
    const [first, second] = writers.map(({ lines }) => lines[n]);
    const winner = first === 'created' ? 1 : 2;
    expect([first, second]).toEqual(winner === 1 ? ['created', 'already-there'] : ['already-there', 'created']);
    expect((await store.read(key(n), 1600)).equals(Buffer.alloc(1600, winner))).toBe(true);
  }
  expect(await filesUnder(join(folder, 'tmp'))).toEqual([]);
}, 60_000);

test('a process killed before it links leaves nothing under the key, and the next one creates it', async () => {
  const folder = await temporaryFolder();
  const writer = startWriter(folder, '1', '1600', '1', 'hang');
  await writer.says('ready');
  writer.go();
  await writer.says('linking');
  writer.kill();
  await writer.ended;

  expect(await filesUnder(folder)).toEqual([expect.stringMatching(/^tmp\/[0-9a-f]{32}\.part$/)]);
  const store = await openLocalStore({ folder, create: true });
  expect((await store.list('v1/')).objects).toEqual([]);
  expect((await store.create(key(1), [Buffer.from('other')])).outcome).toBe('created');
}, 60_000);

test.each([0, 3, 10, 30, 60])(
  'a process killed %i ms after it began has created its objects whole or not',
  async (ms) => {
    const folder = await temporaryFolder();
    const writer = startWriter(folder, '1', String(8 * MiB), '1000');
    await writer.says('ready');
    writer.go();
    await sleep(ms);
    writer.kill();
    await writer.ended;

    const store = await openLocalStore({ folder, create: true });
    const { objects } = await store.list('v1/');
    expect(objects.map(({ bytes }) => bytes)).toEqual(objects.map(() => 8 * MiB));
    const answered = writer.lines.filter((line) => line === 'created').length;
    expect(objects.length).toBeGreaterThanOrEqual(answered);
    for (const { key: listed } of objects) {
      expect((await store.read(listed as ReturnType<typeof key>, 8 * MiB)).equals(Buffer.alloc(8 * MiB, 1))).toBe(true);
    }
  },
  60_000,
);

interface Writer {
  /** What it printed until now. */
  readonly lines: readonly string[];
  readonly ended: Promise<unknown>;
  says(line: string): Promise<void>;
  go(): void;
  kill(): void;
}

function startWriter(folder: string, ...rest: readonly string[]): Writer {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, [SCRIPT, folder, ...rest], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => lines.push(line));
  const ended = once(output, 'close');
  return {
    lines,
    ended,
    async says(line) {
      while (!lines.includes(line)) await Promise.race([once(output, 'line'), ended.then(() => neverSaid(line))]);
    },
    go: () => void child.stdin.write('go\n'),
    kill: () => void child.kill('SIGKILL'),
  };
}

function neverSaid(line: string): never {
  throw new Error(`the process ended and never said "${line}"`);
}
