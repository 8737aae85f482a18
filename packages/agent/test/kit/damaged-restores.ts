/** Restores of a small repository with one object at a time damaged, and what each of them may leave behind. */
import * as fs from 'node:fs';
import { comparePaths, findSnapshot, isBackupError, parseKey } from '@backup-agent/core';
import type { ObjectKey, ObjectStore, Repository } from '@backup-agent/core';
import { damagedStore } from '@backup-agent/core/test-kit';
import type { RestoreProblem } from '../../src/restore/job.ts';
import { openBench } from './backup-bench.ts';
import { readTree } from './read-tree.ts';
import type { TreeEntry } from './read-tree.ts';
import { restoreInto } from './restore-bench.ts';
import { file, hardLink, symlink, temporaryFolder, writeTree } from './tree.ts';

export interface Kept {
  readonly repository: Repository<ObjectStore>;
  /** The folder that was backed up, as it still is. */
  readonly source: string;
}

/** Two backups of a few small files, folders and links. */
export async function keepSmallTree(): Promise<Kept> {
  const source = temporaryFolder();
  const bench = openBench();
  writeTree(source, { letters: { 'ada.txt': 'Dear Ada, thank you, thank you', empty: '' }, old: 'old' });
  await bench.run([source]);
  writeTree(source, {
    'random.bin': file(Buffer.from('8f1c00a755aa', 'hex'), { mode: 0o640, mtime: 1_600_000_000.25 }),
    'same file': hardLink('random.bin'),
    link: symlink('letters/ada.txt', { mtime: 1_500_000_000 }),
  });
  await bench.run([source]);
  return { repository: bench.repository, source };
}

export interface DamagedRestores {
  readonly count: number;
  /** `<kind of object> <outcome>` -> how often. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What must not be: other content than was backed up, or something missing that no problem names. */
  readonly wrong: readonly string[];
}

type Tree = Readonly<Record<string, TreeEntry>>;

type Damage = (bytes: Buffer) => Iterable<readonly [what: string, damaged: Buffer | 'missing']>;

/** One bit of every `stride`-th byte, another bit from byte to byte. */
export const flips = (stride: number): Damage =>
  function* (bytes) {
    for (let at = 0; at < bytes.length; at += stride) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      yield [`byte ${at}`, flipped];
    }
  };

export const missingOrCut: Damage = function* (bytes) {
  yield ['missing', 'missing'];
  for (const length of [0, 1, bytes.length >> 1, bytes.length - 1])
    yield [`cut to ${length} bytes`, bytes.subarray(0, length)];
};

/** Damages every object in turn in each way, and restores the latest snapshot. */
export async function restoreDamaged({ repository, source }: Kept, damage: Damage): Promise<DamagedRestores> {
  const store = damagedStore(repository.store);
  const expected = readTree(source);
  const latest = (await findSnapshot(repository, { by: 'latest' })).name;
  const wrong: string[] = [];
  const outcomes: Record<string, number> = {};
  const top = temporaryFolder();
  let count = 0;
  const { objects } = await repository.store.list('v1/');
  for (const { key } of objects) {
    const bytes = await repository.store.read(key as ObjectKey, Number.MAX_SAFE_INTEGER);
    for (const [what, damaged] of damage(bytes)) {
      count++;
      const target = `${top}/${count}`;
      store.setDamage(key, damaged);
      const { outcome, mistakes } = await restoreOnce({ ...repository, store }, target, {
        tree: expected,
        source,
        latest,
      });
      store.heal();
      fs.rmSync(target, { recursive: true, force: true });
      const row = `${kindOf(key)}: ${outcome}`;
      outcomes[row] = (outcomes[row] ?? 0) + 1;
      for (const mistake of mistakes) wrong.push(`${key} ${what}: ${mistake}`);
    }
  }
  return { count, outcomes, wrong };
}

async function restoreOnce(
  repository: Repository,
  target: string,
  expected: { readonly tree: Tree; readonly source: string; readonly latest: string },
): Promise<{ outcome: string; mistakes: string[] }> {
  try {
    const { result } = await restoreInto(repository, target);
    // A snapshot that is listed and then gone was removed meanwhile: the latest one is then another, and is named.
    if (result.snapshot !== expected.latest) return { outcome: 'the snapshot before', mistakes: [] };
    const mistakes = mistakesOf(expected.tree, readTree(target), result.problems, expected.source);
    return { outcome: result.outcome, mistakes };
  } catch (error) {
    if (!isBackupError(error)) return { outcome: 'threw', mistakes: [`threw ${String(error)}`] };
    const left = fs.existsSync(target) ? Object.keys(readTree(target)) : [];
    return { outcome: error.code, mistakes: left.map((name) => `${name} is left although the restore failed`) };
  }
}

function mistakesOf(expected: Tree, restored: Tree, problems: readonly RestoreProblem[], source: string): string[] {
  const mistakes: string[] = [];
  for (const [name, entry] of Object.entries(expected)) {
    const isNamed = problems.some((problem) => names(problem, name, source));
    const there = restored[name];
    if (there === undefined && !isNamed) mistakes.push(`${name} is missing and not named`);
    // A folder of which the catalog lost the entry is made for what lies in it; its own metadata are then lost.
    if (there !== undefined && !(isNamed && entry.kind === 'folder') && !isSame(entry, there, isNamed))
      mistakes.push(`${name} is ${JSON.stringify(there)}`);
  }
  for (const name of Object.keys(restored)) if (expected[name] === undefined) mistakes.push(`${name} was never saved`);
  return mistakes;
}

/** Names of one file are compared by their content where the first of them may be lost. */
function isSame(expected: TreeEntry, restored: TreeEntry, isNamed: boolean): boolean {
  const plain = (entry: TreeEntry): string => {
    const { sameFileAs, ...rest } = entry;
    return JSON.stringify(isNamed ? rest : { ...rest, sameFileAs });
  };
  return plain(expected) === plain(restored);
}

const RANGE = /^entries from (.*) to (?:before (.*)|the end) of the catalog are lost: /s;

/** Whether a problem is about this entry: by its path, or as one of a range of the catalog. */
function names({ path, reason }: RestoreProblem, name: string, source: string): boolean {
  if (path !== '') return path === name;
  const [, first, end] = RANGE.exec(reason) ?? [];
  if (first === undefined) return false;
  const place = `${source}/${name}`;
  return comparePaths(first, place) <= 0 && (end === undefined || comparePaths(place, end) < 0);
}

const kindOf = (key: string): string => {
  const parsed = parseKey(key);
  return parsed?.type === 'pack' ? `${parsed.pack.kind} pack` : (parsed?.type ?? 'unknown');
};
