/** A snapshot and its catalog, for commands that look inside. */
import { findSnapshot } from '@backup-agent/core';
import type { LandedSnapshot, PageCache, Repository, SnapshotRoot, SnapshotSelector } from '@backup-agent/core';
import { CatalogView } from '../catalog/catalog-view.ts';
import type { LostRange } from '../catalog/catalog-view.ts';

export interface InspectDeps {
  readonly repository: Repository;
  readonly pageCache: PageCache | undefined;
  /** Hears of damage, a sentence each; what is lost is left out. */
  readonly onDamage: (message: string) => void;
}

export interface OpenedSnapshot {
  readonly landed: LandedSnapshot;
  readonly view: CatalogView;
}

/** Throws CONFIG_INVALID if there is no such snapshot, OBJECT_DAMAGED if its record cannot be read. */
export async function openSnapshot(selector: SnapshotSelector, deps: InspectDeps): Promise<OpenedSnapshot> {
  const landed = await findSnapshot(deps.repository, selector);
  return { landed, view: await openView(landed, deps) };
}

export function openView(landed: LandedSnapshot, deps: InspectDeps): Promise<CatalogView> {
  const { roots } = landed.snapshot;
  const onLost = (range: LostRange): void =>
    deps.onDamage(`${landed.name}: ${describeLost(roots, range)}: ${range.error.message}`);
  return CatalogView.open(deps.repository, landed.snapshot, { pageCache: deps.pageCache, onLost });
}

/** `entries from A to before B of the catalog are lost`, as absolute paths. */
export function describeLost(roots: readonly SnapshotRoot[], { first, end }: LostRange): string {
  const until = end === undefined ? 'the end' : `before ${absolutePath(roots, end)}`;
  return `entries from ${absolutePath(roots, first)} to ${until} of the catalog are lost`;
}

/** An entry's path as it was on its machine. */
export function absolutePath(roots: readonly SnapshotRoot[], { root, path }: { root: number; path: string }): string {
  const top = roots[root]?.path ?? '';
  if (path === '') return top;
  return top.endsWith('/') ? top + path : `${top}/${path}`;
}
