/** Which parts of a snapshot are asked for, and where they go below the target. */
import { BackupError, compareEntries } from '@backup-agent/core';
import type { SnapshotRoot } from '@backup-agent/core';

/** A part of the catalog: an entry, and unless `alone` all below it. */
export interface Selection {
  readonly root: number;
  readonly path: string;
  /** An ancestor of what is asked for: only its metadata is wanted. */
  readonly alone: boolean;
  /** Whether its contents, or the file itself, go directly into the target. */
  readonly isTop: boolean;
}

/**
 * The selections for paths as a person names them, in the catalog's order, none within another. With one root, or one
 * path, contents go directly into the target; otherwise each keeps its path below its root (and the root's label, if
 * there are several roots). A relative path may fit in several roots: then it is asked for in each.
 * Throws CONFIG_INVALID for an absolute path outside all roots.
 */
export function selectionsFor(roots: readonly SnapshotRoot[], paths: readonly string[]): Selection[][] {
  if (paths.length === 0) return roots.map((_, root) => [{ root, path: '', alone: false, isTop: roots.length === 1 }]);
  return paths.map((text) => {
    const found = placesOf(roots, text);
    if (found.length === 0)
      throw new BackupError('CONFIG_INVALID', `"${text}" is outside everything this snapshot holds`, {
        hint: `it holds ${roots.map((root) => root.path).join(', ')}`,
      });
    return found.map((place) => ({ ...place, alone: false, isTop: paths.length === 1 }));
  });
}

/** Where in the catalog a path may be. */
export function placesOf(roots: readonly SnapshotRoot[], text: string): { root: number; path: string }[] {
  const asked = withSlashes(text);
  if (!isAbsolute(asked)) {
    const path = normalised(asked);
    return path === undefined ? [] : roots.map((_, root) => ({ root, path }));
  }
  return roots.flatMap((root, i) => {
    const below = belowRoot(root.path, asked);
    const path = below === undefined ? undefined : normalised(below);
    return path === undefined ? [] : [{ root: i, path }];
  });
}

/** Backslashes separate only in paths that begin as those of Windows do. */
const withSlashes = (text: string): string => (/^[A-Za-z]:[\\/]|^\\\\/.test(text) ? text.replaceAll('\\', '/') : text);
const isAbsolute = (text: string): boolean => text.startsWith('/') || /^[A-Za-z]:\//.test(text);

function belowRoot(root: string, path: string): string | undefined {
  const isWindows = /^[A-Za-z]:/.test(root);
  const [a, b] = isWindows ? [root.toLowerCase(), path.toLowerCase()] : [root, path];
  const prefix = a.endsWith('/') ? a : `${a}/`;
  if (b === a || `${b}/` === prefix || b === prefix) return '';
  return b.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

/** Without empty and `.` components; undefined if it leads out of the root. */
function normalised(path: string): string | undefined {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return names.includes('..') ? undefined : names.join('/');
}

/** All selections in order: duplicates and what lies in another are left out, ancestors of the rest are added. */
export function merged(selections: readonly Selection[]): Selection[] {
  const sorted = [...selections].sort(compareEntries);
  const kept: Selection[] = [];
  for (const selection of sorted) {
    const last = kept.at(-1);
    if (last === undefined || !covers(last, selection)) kept.push(selection);
  }
  const all = new Map<string, Selection>();
  for (const selection of kept) {
    if (!selection.isTop)
      for (const path of ancestorsOf(selection.path))
        all.set(`${selection.root} ${path}`, { root: selection.root, path, alone: true, isTop: false });
  }
  for (const selection of kept) all.set(`${selection.root} ${selection.path}`, selection);
  return [...all.values()].sort(compareEntries);
}

const covers = (selection: { root: number; path: string }, entry: { root: number; path: string }): boolean =>
  selection.root === entry.root &&
  (selection.path === '' || selection.path === entry.path || entry.path.startsWith(`${selection.path}/`));

/** The paths of all folders above, the root's first. */
function ancestorsOf(path: string): string[] {
  if (path === '') return [];
  const names = path.split('/');
  return names.map((_, i) => names.slice(0, i).join('/'));
}
