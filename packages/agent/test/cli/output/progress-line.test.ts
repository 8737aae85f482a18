import { expect, test } from 'vitest';
import { drawProgress, ProgressLine } from '../../../src/cli/output/progress-line.ts';

const MiB = 1024 ** 2;
const HALF = {
  phase: 'backup',
  progress: { files: 1234, filesTotal: 5000, bytes: 500 * MiB, bytesTotal: 1000 * MiB, bytesMoved: 20 * MiB },
  bytesPerSecond: 10 * MiB,
} as const;

test.each([
  [200, 'backup: 1,234 of 5,000 files  500.0 MiB of 1000.0 MiB  20.0 MiB stored  10.0 MiB/s  0:50 left'],
  [80, 'backup: 1,234 of 5,000 files  500.0 MiB of 1000.0 MiB  20.0 MiB stored'],
  [60, 'backup: 1,234 of 5,000 files  500.0 MiB of 1000.0 MiB'],
  [40, 'backup: 1,234 of 5,000 files'],
  [15, 'backup: 1,234 o'],
])('in %i columns', (columns, line) => expect(drawProgress(HALF, columns)).toBe(line));

test('without totals and rate it tells what is there', () => {
  const progress = { files: 1, bytes: 10, bytesMoved: 0 };
  expect(drawProgress({ phase: 'verify', progress, bytesPerSecond: undefined }, 80)).toBe('verify: 1 files  10 B');
});

test('packs that are waited for have no bytes and no rate', () => {
  const progress = { files: 12, filesTotal: 280, bytes: 0, bytesMoved: 0 };
  expect(drawProgress({ phase: 'thaw', progress, bytesPerSecond: 0 }, 80)).toBe(
    'waiting for the archive: 12 of 280 packs are back',
  );
});

function openLine() {
  const written: string[] = [];
  const time = { now: 0 };
  const line = new ProgressLine({ columns: 100, write: (text) => written.push(text) }, () => time.now);
  return { line, written, time };
}

test('it is drawn at most ten times a second, and cleared once', () => {
  const { line, written, time } = openLine();
  for (time.now = 0; time.now < 1000; time.now += 10) line.update('backup', { files: 1, bytes: 1, bytesMoved: 0 });
  expect(written).toHaveLength(10);
  line.clear();
  line.clear();
  expect(written.slice(10)).toEqual(['\r\u001b[K']);
});

test('the rate is that of the last seconds, and falls when nothing comes', () => {
  const { line, written, time } = openLine();
  const at = (seconds: number, bytes: number): string | undefined => {
    time.now = seconds * 1000;
    line.update('restore', { files: 1, bytes, bytesMoved: 0 });
    return /(\S+ \S+)\/s/.exec(written.at(-1) ?? '')?.[1];
  };
  expect(at(0, 0)).toBeUndefined();
  expect(at(2, 20 * MiB)).toBe('10.0 MiB');
  for (let i = 3; i < 30; i++) at(i, (20 + (i - 2) * 2) * MiB);
  expect(at(30, 76 * MiB)).toBe('2.0 MiB');
  expect(at(60, 76 * MiB)).toBe('0 B');
});
