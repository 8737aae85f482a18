/**
 * Which snapshots have all folders of which others. Roots are written by devices, so thousands of them, in thousands of
 * sets, must not take long: snapshots of the same roots are one set, and sets meet in a tree of folders, never in pairs.
 */
import { hash } from 'node:crypto';

/** Sets of roots are compared, smallest first, as long as their paths have no more components together. */
export const COMPARED_FOLDERS_MAX = 200_000;

/** No folder, no set: array positions begin at 0. */
const NONE = -1;

interface Rooted {
  /** Absolute paths, with `/`. */
  readonly roots: readonly string[];
}

/** Snapshots that name the same roots. */
export interface RootSet<Item> {
  readonly items: readonly Item[];
  /** False: over the limit, so it is compared with no other set. */
  readonly compared: boolean;
  /** All whose roots contain those of this set, its own among them, in the order given. */
  readonly related: () => readonly Item[];
}

/** Items by their sets of roots. Roots contain a path that equals one of them or lies below it. */
export function compareRoots<Item extends Rooted>(items: readonly Item[]): RootSet<Item>[] {
  const sets = groupByRoots(items);
  const compared = smallestFirst(sets);
  const tree = new FolderTree();
  /** Numbers of the compared sets, by positions of their items. */
  const numberOf = new Int32Array(items.length).fill(NONE);
  compared.forEach((set, number) => {
    set.folders = tree.add(set.roots, number);
    for (const position of set.positions) numberOf[position] = number;
  });
  return sets.map(({ items: own, folders }) => ({
    items: own,
    compared: folders !== undefined,
    related: () => {
      if (folders === undefined) return own;
      const covered = tree.covered(folders, compared.length);
      return items.filter((_, position) => covered[numberOf[position] as number] === folders.length);
    },
  }));
}

interface Group<Item> {
  readonly roots: readonly string[];
  readonly items: Item[];
  readonly positions: number[];
  /** Its outermost folders in the tree, once it is in it. */
  folders: readonly number[] | undefined;
}

function groupByRoots<Item extends Rooted>(items: readonly Item[]): Group<Item>[] {
  const groups = new Map<string, Group<Item>>();
  items.forEach((item, position) => {
    // Roots in another order are another set, which contains this one and is contained: sorting would only cost time.
    const key = hash('sha256', JSON.stringify(item.roots));
    const group = groups.get(key) ?? { roots: item.roots, items: [], positions: [], folders: undefined };
    group.items.push(item);
    group.positions.push(position);
    groups.set(key, group);
  });
  return [...groups.values()];
}

/** The sets to compare. Those of few folders come first: a set of very many must not keep ordinary ones out. */
function smallestFirst<Item>(sets: readonly Group<Item>[]): Group<Item>[] {
  const sized = sets.map((set) => ({ set, folders: set.roots.reduce((sum, root) => sum + countComponents(root), 0) }));
  let total = 0;
  return sized
    .sort((a, b) => a.folders - b.folders || (a.set.positions[0] as number) - (b.set.positions[0] as number))
    .filter(({ folders }) => (total += folders) <= COMPARED_FOLDERS_MAX)
    .map(({ set }) => set);
}

/** Not by splitting: a hostile path may consist of millions. */
function countComponents(path: string): number {
  let count = 1;
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) count++;
  return count;
}

/** Folders by number, each with the folder above it and the sets that name it as a root. */
class FolderTree {
  readonly #numbers = new Map<string, number>();
  readonly #above: number[] = [];
  readonly #sets: number[][] = [];

  /** The set's folders without those that lie below others of it: what contains the outer ones contains them. */
  add(roots: readonly string[], set: number): number[] {
    const all = new Set(roots.map((root) => this.#numberOf(root)));
    const outer = [...all].filter((folder) => !this.#isBelow(folder, all));
    for (const folder of outer) this.#sets[folder]?.push(set);
    return outer;
  }

  /** By set, how many of the folders it contains. No set is counted twice for one: its folders lie beside each other. */
  covered(folders: readonly number[], setCount: number): Uint32Array {
    const counts = new Uint32Array(setCount);
    for (const folder of folders)
      for (let at = folder; at !== NONE; at = this.#above[at] ?? NONE)
        for (const set of this.#sets[at] ?? []) counts[set] = (counts[set] as number) + 1;
    return counts;
  }

  #isBelow(folder: number, others: ReadonlySet<number>): boolean {
    for (let at = this.#above[folder] ?? NONE; at !== NONE; at = this.#above[at] ?? NONE)
      if (others.has(at)) return true;
    return false;
  }

  /** `/`, `C:/` and `/a/` are the folders '', `C:` and `/a`. */
  #numberOf(path: string): number {
    let folder = NONE;
    for (const name of (path.endsWith('/') ? path.slice(0, -1) : path).split('/')) {
      const key = `${folder}/${name}`;
      const known = this.#numbers.get(key) ?? this.#above.length;
      if (known === this.#above.length) {
        this.#numbers.set(key, known);
        this.#above.push(folder);
        this.#sets.push([]);
      }
      folder = known;
    }
    return folder;
  }
}
