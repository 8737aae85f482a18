/**
 * Names of users and groups, from the system's own files: passwd(5), group(5). Users of a directory service are not in
 * them, except the one who runs this. Systems without such files have no names.
 */
import { readFileSync } from 'node:fs';

export interface OwnerNames {
  userName(uid: number): string | undefined;
  groupName(gid: number): string | undefined;
  /** For a restore: the ids that the names have on this machine. */
  userId(name: string): number | undefined;
  groupId(name: string): number | undefined;
}

export interface OwnerSources {
  readonly passwdFile: string;
  readonly groupFile: string;
  /** The user who runs this. */
  readonly self: { readonly uid: number; readonly name: string } | undefined;
}

/** Each file is read once, when a name is first asked for. */
export function makeOwnerNames({ passwdFile, groupFile, self }: OwnerSources): OwnerNames {
  const users = lazily(() => readTable(passwdFile, self === undefined ? [] : [[self.uid, self.name]]));
  const groups = lazily(() => readTable(groupFile, []));
  return {
    userName: (uid) => users().names.get(uid),
    groupName: (gid) => groups().names.get(gid),
    userId: (name) => users().ids.get(name),
    groupId: (name) => groups().ids.get(name),
  };
}

interface NameTable {
  readonly names: ReadonlyMap<number, string>;
  readonly ids: ReadonlyMap<string, number>;
}

/** Lines `name:password:id:...`. Where an id or a name occurs twice, the first line holds, as for the system. */
function readTable(file: string, further: readonly (readonly [number, string])[]): NameTable {
  const names = new Map<number, string>();
  const ids = new Map<string, number>();
  const add = (id: number, name: string): void => {
    if (!names.has(id)) names.set(id, name);
    if (!ids.has(name)) ids.set(name, id);
  };
  for (const line of readText(file).split('\n')) {
    const [name = '', , id = ''] = line.split(':');
    if (name !== '' && /^\d{1,10}$/.test(id)) add(Number(id), name);
  }
  for (const [id, name] of further) add(id, name);
  return { names, ids };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return ''; // Without names the numbers are saved all the same.
  }
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
