/** `find`: where a name occurs, and in which snapshots its versions differ. */
import type { CatalogEntry, LandedSnapshot, SnapshotName } from '@backup-agent/core';
import { allSnapshots } from './all-snapshots.ts';
import { globMatcher } from './glob.ts';
import type { GlobOptions } from './glob.ts';
import { absolutePath, openView } from './open-snapshot.ts';
import type { InspectDeps } from './open-snapshot.ts';

/** A path had this content and metadata from one snapshot to another, and in those between that know its root. */
export interface FoundVersion {
  readonly first: SnapshotName;
  readonly last: SnapshotName;
  readonly firstLanded: Date;
  readonly lastLanded: Date;
  /** In how many snapshots. */
  readonly snapshots: number;
  readonly entry: CatalogEntry;
}

export interface FoundPath {
  /** As it was on its machine. */
  readonly path: string;
  /** Oldest first. */
  readonly versions: readonly FoundVersion[];
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/**
 * All paths that a pattern fits (see globMatcher), in the given snapshots or in all. A page that several snapshots share
 * is read once.
 */
export async function findEntries(
  pattern: string,
  options: GlobOptions & { readonly snapshots?: readonly LandedSnapshot[] },
  deps: InspectDeps,
): Promise<FoundPath[]> {
  const fits = globMatcher(pattern, options);
  const snapshots = options.snapshots ?? (await allSnapshots(deps.repository, (error) => deps.onDamage(error.message)));
  const matches = new Map<string, readonly CatalogEntry[]>();
  const found = new Map<string, Mutable<FoundVersion>[]>();
  for (const landed of snapshots.toReversed()) {
    const { roots } = landed.snapshot;
    const scope = JSON.stringify(roots.map(({ path }) => path));
    const view = await openView(landed, deps);
    for await (const { page, entries } of view.entriesByPage(({ id }) => !matches.has(`${scope}${id}`)))
      matches.set(
        `${scope}${page.id}`,
        entries.filter((entry) => fits(absolutePath(roots, entry))),
      );
    for (const { id } of view.references)
      for (const entry of matches.get(`${scope}${id}`) ?? []) note(found, absolutePath(roots, entry), entry, landed);
  }
  return [...found].map(([path, versions]) => ({ path, versions })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function note(
  found: Map<string, Mutable<FoundVersion>[]>,
  path: string,
  entry: CatalogEntry,
  { name, landed }: LandedSnapshot,
): void {
  const versions = found.get(path) ?? [];
  found.set(path, versions);
  const last = versions.at(-1);
  if (last !== undefined && isSameVersion(last.entry, entry)) {
    last.last = name;
    last.lastLanded = landed;
    last.snapshots++;
    return;
  }
  versions.push({ first: name, last: name, firstLanded: landed, lastLanded: landed, snapshots: 1, entry });
}

/** What a person would call the same version: also a file that was only renamed to and fro has not changed. */
const isSameVersion = (a: CatalogEntry, b: CatalogEntry): boolean => hasSameContent(a, b) && hasSameMetadata(a, b);

export const hasSameContent = (a: CatalogEntry, b: CatalogEntry): boolean =>
  a.kind === b.kind &&
  a.size === b.size &&
  a.target === b.target &&
  String(a.chunks) === String(b.chunks) &&
  String(a.lists) === String(b.lists);

export const hasSameMetadata = (a: CatalogEntry, b: CatalogEntry): boolean =>
  a.mode === b.mode &&
  a.uid === b.uid &&
  a.gid === b.gid &&
  a.mtime === b.mtime &&
  JSON.stringify(a.xattrs) === JSON.stringify(b.xattrs);
