/** What a run costs at full size: memory, objects written, files opened, bytes sent. Linux. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BUILT_CLI, cliEnvironment } from '../kit/built-cli.ts';
import { temporaryFolder } from '../kit/tree.ts';

const MEMORY_MAX = 350e6;

/** Runs the command and tells the largest resident set that the kernel saw, in bytes. */
async function measured(args: readonly string[], home: string) {
  const child = spawn(process.execPath, [BUILT_CLI, ...args], {
    env: cliEnvironment(home),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  let peakBytes = 0;
  while (child.exitCode === null && child.signalCode === null) {
    try {
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      peakBytes = Math.max(peakBytes, Number(peak ?? 0) * 1024);
    } catch (error) {
      if (!(error instanceof Error)) throw error; // It has ended between two looks.
    }
    await wait(20);
  }
  return { code: child.exitCode, output, peakBytes };
}

/** Deterministic bytes that do not compress. */
function pseudoRandom(bytes: number, seed: string): Buffer {
  return createHash('shake256', { outputLength: bytes }).update(seed).digest();
}

const objectsOf = (repository: string): string[] =>
  readdirSync(join(repository, 'v1'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('100,000 small files: bounded memory; unchanged, at most 3 objects and not one of them opened', async () => {
  const folder = temporaryFolder();
  const source = join(folder, 'source');
  for (let i = 0; i < 1000; i++) {
    mkdirSync(join(source, `folder-${i}`), { recursive: true });
    for (let j = 0; j < 100; j++) writeFileSync(join(source, `folder-${i}/file-${j}.txt`), `${i} ${j} `.repeat(300));
  }
  await wait(2500); // Files touched within two seconds of being read are read again.
  const repository = join(folder, 'repository');
  const run = ['run', source, '--repo', repository, '--device', 'laptop', '--no-maintain'];
  const first = await measured(run, join(folder, 'home'));
  expect(first).toMatchObject({ code: 0 });
  expect(first.peakBytes).toBeLessThan(MEMORY_MAX);

  const before = new Set(objectsOf(repository));
  const trace = join(folder, 'trace');
  const traced = ['-f', '-qq', '-e', 'trace=open,openat,openat2', '-o', trace, process.execPath, BUILT_CLI, ...run];
  execFileSync('strace', traced, { env: cliEnvironment(join(folder, 'home')), stdio: 'pipe' });
  const opened = readFileSync(trace, 'utf8')
    .split('\n')
    .filter((line) => line.includes(source));
  expect(opened.length).toBeGreaterThan(1000); // The folders are: the trace does see what lies below the source.
  expect(opened.filter((line) => !line.includes('O_DIRECTORY'))).toEqual([]);
  const written = objectsOf(repository).filter((object) => !before.has(object));
  process.stdout.write(
    `100,000 files: ${Math.round(first.peakBytes / 1e6)} MB; unchanged: ${written.length} objects\n`,
  );
  expect(written.length).toBeLessThanOrEqual(3);
  rmSync(folder, { recursive: true });
}, 600_000);

test('a file of 2 GiB: bounded memory, and a kilobyte in its middle sends less than 12 MiB', async () => {
  const folder = temporaryFolder();
  const source = join(folder, 'source');
  mkdirSync(source);
  const big = join(source, 'big');
  const descriptor = openSync(big, 'w');
  for (let i = 0; i < 128; i++) writeSync(descriptor, pseudoRandom(16 * 1024 * 1024, `part ${i}`));
  closeSync(descriptor);
  const repository = join(folder, 'repository');
  const run = ['run', source, '--repo', repository, '--device', 'laptop', '--no-maintain'];
  const first = await measured(run, join(folder, 'home'));
  expect(first).toMatchObject({ code: 0 });
  expect(first.peakBytes).toBeLessThan(MEMORY_MAX);

  const before = new Set(objectsOf(repository));
  insertInTheMiddle(big, pseudoRandom(1024, 'inserted'));
  const second = await measured(run, join(folder, 'home'));
  expect(second).toMatchObject({ code: 0 });
  expect(second.peakBytes).toBeLessThan(MEMORY_MAX);
  const written = objectsOf(repository).filter((object) => !before.has(object));
  const bytes = written.reduce((sum, object) => sum + statSync(object).size, 0);
  process.stdout.write(
    `2 GiB: ${Math.round(first.peakBytes / 1e6)} MB; 1 KiB inserted: ${bytes} bytes in ${written.length} objects\n`,
  );
  expect(bytes).toBeLessThan(12 * 1024 * 1024);
  rmSync(folder, { recursive: true });
}, 600_000);

function insertInTheMiddle(file: string, bytes: Buffer): void {
  const half = statSync(file).size / 2;
  const blocks = half / (1 << 20);
  execFileSync(
    'bash',
    [
      '-c',
      `dd if="$1" of="$1.new" bs=1M count=${blocks} status=none && cat >> "$1.new" && dd if="$1" bs=1M skip=${blocks} status=none >> "$1.new"`,
      '--',
      file,
    ],
    { input: bytes },
  );
  renameSync(`${file}.new`, file);
}
