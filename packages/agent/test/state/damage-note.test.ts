import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseChunkId, parseRunId, snapshotName } from '@backup-agent/core';
import type { ChunkId } from '@backup-agent/core';
import {
  NO_DAMAGE,
  afterCommit,
  afterVerify,
  damageFile,
  hasDamage,
  isSameDamage,
  onlyIn,
  readDamageNote,
  writeDamageNote,
} from '../../src/state/damage-note.ts';
import type { DamageNote } from '../../src/state/damage-note.ts';
import { temporaryFolder } from '../kit/tree.ts';

const [a, b, c] = ['a', 'b', 'c'].map((digit) => parseChunkId(digit.repeat(64))) as [ChunkId, ChunkId, ChunkId];
const [first, second] = ['data/20261101T000000Z-00000001/00000', 'data/20261101T000000Z-00000001/00001'];
const snapshot = snapshotName(parseRunId('20261102T000000Z-00000002'), 0);
const noteOf = (packs: Readonly<Record<string, readonly ChunkId[]>>): DamageNote =>
  afterVerify(
    NO_DAMAGE,
    Object.entries(packs).map(([pack, lost]) => ({ pack, isRead: false, lost })),
  );
const packsOf = ({ packs }: DamageNote): Record<string, ChunkId[]> =>
  Object.fromEntries([...packs].map(([pack, ids]) => [pack, [...ids].sort()]));

test('what is written is read again, and a note of nothing is no file', () => {
  const folder = join(temporaryFolder(), 'state');
  const file = damageFile(folder);
  expect(readDamageNote(file)).toEqual(NO_DAMAGE);
  const note = afterCommit(noteOf({ [first]: [a, b] }), { snapshot, told: [b] });
  writeDamageNote(file, note);
  expect(readDamageNote(file)).toEqual(note);
  writeDamageNote(file, NO_DAMAGE);
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['no JSON', '{"version":1,'],
  ['another version', '{"version":2,"packs":{},"told":[],"sound":[]}'],
  ['an id that is none', `{"version":1,"packs":{"${first}":["x"]},"told":[],"sound":[]}`],
  ['nothing', ''],
])('a file that holds %s says nothing', (_, text) => {
  const folder = temporaryFolder();
  writeFileSync(damageFile(folder), text);
  expect(readDamageNote(damageFile(folder))).toEqual(NO_DAMAGE);
});

test('a file that cannot be read says nothing', () => {
  const folder = temporaryFolder();
  mkdirSync(damageFile(folder));
  expect(readDamageNote(damageFile(folder))).toEqual(NO_DAMAGE);
});

test('a pack that was read is as it was found, one that was not stays as bad as it was', () => {
  const note = noteOf({ [first]: [a, b], [second]: [c] });
  expect(packsOf(afterVerify(note, [{ pack: first, isRead: true, lost: [b] }]))).toEqual({
    [first]: [b],
    [second]: [c],
  });
  expect(packsOf(afterVerify(note, [{ pack: first, isRead: true, lost: [] }]))).toEqual({ [second]: [c] });
  expect(packsOf(afterVerify(note, [{ pack: first, isRead: false, lost: [c] }]))).toEqual({
    [first]: [a, b, c],
    [second]: [c],
  });
});

test('more damage than fits the note is left to the next verification', () => {
  const many = Array.from({ length: 100_001 }, (_, n) => parseChunkId(n.toString(16).padStart(64, '0')));
  const note = noteOf({ [first]: many });
  expect(note.packs.get(first)?.size).toBe(100_000);
  const later = afterVerify(note, [{ pack: second, isRead: false, lost: [a] }]);
  expect(later.packs.get(second)).toBeUndefined();
  const healed = afterVerify(note, [
    { pack: first, isRead: true, lost: many.slice(0, 5) },
    { pack: second, isRead: false, lost: [a] },
  ]);
  expect(packsOf(healed)).toEqual({ [first]: many.slice(0, 5), [second]: [a] });
});

test('snapshots are sound until more damage is found', () => {
  const note = afterCommit(noteOf({ [first]: [a] }), { snapshot, told: [] });
  expect(afterVerify(note, [{ pack: first, isRead: true, lost: [a] }]).sound).toEqual([snapshot]);
  expect(afterVerify(note, [{ pack: first, isRead: true, lost: [a, b] }]).sound).toEqual([]);
});

test('what was said is remembered as long as its pack is there', () => {
  const note = afterCommit(noteOf({ [first]: [a], [second]: [b] }), { snapshot, told: [a, b] });
  const left = onlyIn(note, (pack) => pack === second);
  expect([packsOf(left), [...left.told]]).toEqual([{ [second]: [b] }, [b]]);
  expect(hasDamage(onlyIn(note, () => false))).toBe(false);
  expect(isSameDamage(note, noteOf({ [first]: [a], [second]: [b] }))).toBe(true);
  expect(isSameDamage(note, left)).toBe(false);
});
