/** `diff`: what changed between two snapshots, as a streaming merge of their catalogs. */
import { comparePaths } from '@backup-agent/core';
import type { CatalogEntry } from '@backup-agent/core';
import { hasSameContent, hasSameMetadata } from './find-entries.ts';
import { absolutePath } from './open-snapshot.ts';
import type { OpenedSnapshot } from './open-snapshot.ts';

export interface Difference {
  /** As it was on its machine. */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'content' | 'metadata';
  readonly before?: CatalogEntry;
  readonly after?: CatalogEntry;
}

/** In the order of the catalogs, root by root; roots are compared by their absolute paths. */
export async function* diffSnapshots(a: OpenedSnapshot, b: OpenedSnapshot): AsyncGenerator<Difference> {
  const [rootsA, rootsB] = [a.landed.snapshot.roots, b.landed.snapshot.roots];
  const paths = [...new Set([...rootsA, ...rootsB].map(({ path }) => path))];
  for (const path of paths) {
    const [rootA, rootB] = [rootsA, rootsB].map((roots) => roots.findIndex((root) => root.path === path)) as [
      number,
      number,
    ];
    // A page that both have at the same root number holds the same entries in both.
    const shared = rootA === rootB ? sharedPages(a, b) : new Set<string>();
    yield* merge(entriesOf(a, rootA, shared), entriesOf(b, rootB, shared), (entry, isBefore) =>
      absolutePath(isBefore ? rootsA : rootsB, entry),
    );
  }
}

function sharedPages(a: OpenedSnapshot, b: OpenedSnapshot): Set<string> {
  const ids = new Set(a.view.references.map(({ id }) => id));
  return new Set(b.view.references.flatMap(({ id }) => (ids.has(id) ? [id] : [])));
}

async function* entriesOf({ view }: OpenedSnapshot, root: number, shared: ReadonlySet<string>) {
  if (root < 0) return;
  for await (const { entries } of view.entriesByPage(({ id }) => !shared.has(id)))
    for (const entry of entries) if (entry.root === root) yield entry;
}

async function* merge(
  before: AsyncGenerator<CatalogEntry>,
  after: AsyncGenerator<CatalogEntry>,
  pathOf: (entry: CatalogEntry, isBefore: boolean) => string,
): AsyncGenerator<Difference> {
  let a = await next(before);
  let b = await next(after);
  while (a !== undefined || b !== undefined) {
    const order = a === undefined ? 1 : b === undefined ? -1 : comparePaths(a.path, b.path);
    if (a !== undefined && order < 0) {
      yield { path: pathOf(a, true), change: 'removed', before: a };
      a = await next(before);
    } else if (b !== undefined && order > 0) {
      yield { path: pathOf(b, false), change: 'added', after: b };
      b = await next(after);
    } else if (a !== undefined && b !== undefined) {
      const change = changeOf(a, b);
      if (change !== undefined) yield { path: pathOf(b, false), change, before: a, after: b };
      a = await next(before);
      b = await next(after);
    }
  }
}

function changeOf(before: CatalogEntry, after: CatalogEntry): 'content' | 'metadata' | undefined {
  if (!hasSameContent(before, after)) return 'content';
  return hasSameMetadata(before, after) ? undefined : 'metadata';
}

async function next(entries: AsyncGenerator<CatalogEntry>): Promise<CatalogEntry | undefined> {
  const { done, value } = await entries.next();
  return done === true ? undefined : value;
}
