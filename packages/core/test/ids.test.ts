import { expect, test } from 'vitest';
import {
  bytesOfChunkId,
  chunkIdOfBytes,
  isDeviceId,
  makeRunId,
  parseChunkId,
  parseDeviceId,
  parseRunId,
  parseSnapshotName,
  runOfSnapshot,
  snapshotName,
} from '../src/index.ts';

const RUN = parseRunId('20260105T080000Z-0a1b2c3d');

test.each([
  ['ab', true],
  ['0-', true],
  ['a'.repeat(63), true],
  ['a', false],
  ['a'.repeat(64), false],
  ['-a', false],
  ['aB', false],
  ['a_b', false],
  ['a.b', false],
  ['ab\n', false],
  ['', false],
])('whether %j is a device id: %s', (text, isOne) => {
  expect(isDeviceId(text)).toBe(isOne);
});

test('a device id that is none is refused with what to do', () => {
  expect(() => parseDeviceId('My PC')).toThrow('"My PC" is not a device id');
});

test('a run id is made of a time and random bytes', () => {
  expect(makeRunId(new Date('2026-01-05T08:00:00.999Z'), Buffer.from('0a1b2c3dff', 'hex'))).toBe(RUN);
});

test('a snapshot is named by its run and the repetitions of its commit', () => {
  expect([snapshotName(RUN, 0), snapshotName(RUN, 2)]).toEqual([RUN, `${RUN}-2`]);
  expect([snapshotName(RUN, 0), snapshotName(RUN, 2)].map(runOfSnapshot)).toEqual([RUN, RUN]);
});

test('a chunk id is the hexadecimal of its bytes', () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 8));
  expect(Buffer.from(bytesOfChunkId(chunkIdOfBytes(bytes))).equals(bytes)).toBe(true);
});

test.each([
  [parseRunId, ['', 'latest', '20260105T080000-0a1b2c3d', '20260105T080000Z-0A1B2C3D', `${RUN} `]],
  [parseSnapshotName, ['', `${RUN}-`, `${RUN}-0`, `${RUN}-c`, `${RUN}-1000000`]],
  [parseChunkId, ['', 'a'.repeat(63), 'A'.repeat(64), 'g'.repeat(64), `${'a'.repeat(64)}\n`]],
])('%o refuses what is none', (parse, texts) => {
  for (const text of texts) expect(() => parse(text)).toThrow('not a');
});
