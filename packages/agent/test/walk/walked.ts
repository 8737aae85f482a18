/** Walks for tests: the whole stream of a walk as short texts. */
import { usualExcludes } from '../../src/walk/excludes/excludes.ts';
import type { ExcludeOptions } from '../../src/walk/excludes/excludes.ts';
import { patternsOfOptions } from '../../src/walk/excludes/patterns.ts';
import { walk } from '../../src/walk/walk.ts';
import type { WalkOptions } from '../../src/walk/walk-options.ts';
import type { WalkBatch, WalkItem } from '../../src/walk/walked-entry.ts';

export interface WalkChoice extends Partial<Omit<WalkOptions, 'excludes'>> {
  readonly exclude?: readonly string[];
  readonly excludes?: Partial<ExcludeOptions>;
}

/** A Linux machine whose user lives where no test does. */
export function walkOptions({ exclude = [], excludes = {}, ...rest }: WalkChoice = {}): WalkOptions {
  return {
    excludes: {
      ...usualExcludes({ platform: 'linux', home: '/home/me' }),
      patterns: patternsOfOptions(exclude),
      ...excludes,
    },
    oneFileSystem: true,
    leaveOut: [],
    tellExcluded: false,
    ...rest,
  };
}

export async function walkAll(roots: readonly string[], choice: WalkChoice = {}): Promise<WalkBatch[]> {
  const batches: WalkBatch[] = [];
  for await (const batch of walk(roots, walkOptions(choice))) batches.push(batch);
  return batches;
}

export async function itemsOf(root: string, choice: WalkChoice = {}): Promise<WalkItem[]> {
  return (await walkAll([root], choice)).flatMap(({ items }) => items);
}

/** The stream in words: entries by their path alone, folders with a slash, all else after a colon. */
export async function walked(root: string, choice: WalkChoice = {}): Promise<string[]> {
  return (await itemsOf(root, choice)).map(describeItem);
}

export function describeItem(item: WalkItem): string {
  switch (item.type) {
    case 'entry': {
      const { kind, path, target } = item.entry;
      if (kind === 'symlink') return `${path} -> ${target}`;
      return kind === 'folder' ? `${path}/` : kind === 'fifo' ? `${path}|` : path;
    }
    case 'skipped':
      return `${item.path}: ${item.reason}${item.rule === undefined ? '' : ` by ${item.rule}`}`;
    case 'unreadable':
      return `${item.path}: ${item.lost} unreadable, ${item.code}`;
    case 'gone':
      return `${item.path}: gone`;
    case 'not obeyed':
      return `${item.path}: not obeyed, ${item.reason}`;
    case 'excluded':
      return `${item.entries} by ${item.rule}`;
  }
}
