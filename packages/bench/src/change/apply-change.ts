import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Corpus } from '../corpus/corpus.ts';
import { createRandom, type Random } from '../corpus/random.ts';
import { filesOf } from '../corpus/walk-tree.ts';
import { openStash, type Stash } from './stash.ts';

export interface ChangeMade {
  readonly changed: number;
  readonly added: number;
  readonly removed: number;
}

const CHANGED_FILES_MAX = 50;
const ADDED_FILES_MAX = 20;
const REMOVED_FILES_MAX = 20;
const INSERTED_BYTES = 100;
const INSERTED_INTO_ONE_FILE_BYTES = 1024;
const COPY_BYTES = 8 * 1024 * 1024;

/**
 * Changes the tree as a day's work does: 50 files get 100 bytes inserted, 20 are removed, 20 are added (fewer in a
 * small tree); a tree of one file gets 1 KiB inserted about its middle. Every tool of a round meets the same change;
 * each round has another. `revertChange` takes it back.
 */
export function applyChange(corpus: Pick<Corpus, 'root' | 'addedFileBytes'>, round: number): ChangeMade {
  const random = createRandom(`change ${round}`);
  const stash = openStash(corpus.root);
  const names = filesOf(corpus.root);
  if (names.length === 1) return changeOneFile(corpus.root, names[0]!, { round, random, stash });

  const changedCount = Math.min(CHANGED_FILES_MAX, Math.ceil(names.length / 10));
  const removedCount = Math.min(REMOVED_FILES_MAX, Math.floor(names.length / 20));
  const addedCount = Math.min(ADDED_FILES_MAX, Math.ceil(names.length / 20));
  const picked = random.sample(names, changedCount + removedCount);
  const toChange = picked.slice(0, changedCount);
  const toRemove = picked.slice(changedCount);
  const toAdd = Array.from({ length: addedCount }, (_, index) =>
    path.join(path.dirname(names[random.integer(names.length)]!), `added-${round}-${index}.bin`),
  );

  for (const name of [...toChange, ...toRemove, ...toAdd]) stash.rememberTimes(path.dirname(name));
  for (const name of toChange) insertInto(corpus.root, name, { random, stash });
  for (const name of toRemove) stash.takeAway(name);
  for (const name of toAdd) {
    stash.willAdd(name);
    writeFileSync(path.join(corpus.root, name), random.bytes(corpus.addedFileBytes), { flag: 'wx' });
  }
  return { changed: toChange.length, added: toAdd.length, removed: toRemove.length };
}

function insertInto(root: string, name: string, { random, stash }: { random: Random; stash: Stash }): void {
  const original = stash.takeAway(name);
  const content = readFileSync(original);
  const at = random.integer(content.length + 1);
  const changed = Buffer.concat([content.subarray(0, at), random.bytes(INSERTED_BYTES), content.subarray(at)]);
  writeFileSync(path.join(root, name), changed, { flag: 'wx', mode: statSync(original).mode });
}

interface OneFileChange {
  readonly round: number;
  readonly random: Random;
  readonly stash: Stash;
}

function changeOneFile(root: string, name: string, { round, random, stash }: OneFileChange): ChangeMade {
  stash.rememberTimes(path.dirname(name));
  const original = stash.takeAway(name);
  const { size, mode } = statSync(original);
  // Another place in every round, so that no chunk of an earlier round's change is met again.
  const at = size === 0 ? 0 : Math.floor(size / 2 + ((round - 1) * size * 48) / 2048) % size;
  const source = openSync(original, 'r');
  const target = openSync(path.join(root, name), 'wx', mode);
  try {
    copyRange(source, target, { from: 0, to: at });
    writeSync(target, random.bytes(INSERTED_INTO_ONE_FILE_BYTES));
    copyRange(source, target, { from: at, to: size });
  } finally {
    closeSync(source);
    closeSync(target);
  }
  return { changed: 1, added: 0, removed: 0 };
}

function copyRange(source: number, target: number, { from, to }: { from: number; to: number }): void {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, to - from));
  for (let at = from; at < to;) {
    const count = readSync(source, buffer, { length: Math.min(buffer.length, to - at), position: at });
    if (count === 0) return;
    writeSync(target, buffer, 0, count);
    at += count;
  }
}
