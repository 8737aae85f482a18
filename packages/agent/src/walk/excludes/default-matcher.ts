/**
 * The default rules made ready for one machine. Each entry costs one look-up of its name and one of its first
 * character; places and forms are checked only after a hit.
 */
import { DEFAULT_RULES, HOME_FOLDERS } from './default-rules.ts';
import type { DefaultRule, System } from './default-rules.ts';
import type { ExcludableKind, ExcludeRule } from './rule.ts';

export interface DefaultMatcher {
  /** `path` (absolute, `/` between names) is asked for only after the name was a hit; `bytes` is the file's size. */
  match(name: string, kind: ExcludableKind, bytes: number, path: () => string): ExcludeRule | undefined;
}

interface Candidate {
  readonly rule: ExcludeRule;
  readonly kind: 'file' | 'folder';
  readonly bytesMax: number;
  /** Names of the whole absolute path; undefined: any place. `below`: of a folder somewhere above. */
  readonly place: { readonly names: readonly string[]; readonly below: boolean } | undefined;
}
interface Form {
  readonly prefix: string;
  readonly rest: RegExp;
  readonly candidate: Candidate;
}

/** `home` is the user's own home folder, wherever it is. */
export function makeDefaultMatcher(machine: { platform: NodeJS.Platform; home: string }): DefaultMatcher {
  const system = systemOf(machine.platform);
  const fold = system === 'linux' ? (text: string) => text : (text: string) => text.toLowerCase();
  const homes = [...HOME_FOLDERS[system], machine.home.replaceAll('\\', '/')].map(fold).map(namesOf);
  const byName = new Map<string, Candidate[]>();
  const byFirstCharacter = new Map<number, Form[]>();
  for (const rule of DEFAULT_RULES) {
    if (rule.systems !== undefined && !rule.systems.includes(system)) continue;
    for (const [name, candidate] of candidatesOf(rule, homes, fold)) add(byName, fold(name), candidate);
    for (const { prefix, rest } of rule.begins ?? [])
      add(byFirstCharacter, prefix.charCodeAt(0), { prefix, rest, candidate: anywhere(rule) });
  }

  const findByForm = (name: string, kind: ExcludableKind, bytes: number): ExcludeRule | undefined =>
    byFirstCharacter
      .get(name.charCodeAt(0))
      ?.find(
        ({ prefix, rest, candidate }) =>
          name.startsWith(prefix) && fits(candidate, kind, bytes) && rest.test(name.slice(prefix.length)),
      )?.candidate.rule;

  return {
    match(name, kind, bytes, path) {
      const candidates = byName.get(fold(name));
      if (candidates === undefined) return findByForm(name, kind, bytes);
      let names: readonly string[] | undefined;
      const found = candidates.find((candidate) => {
        if (!fits(candidate, kind, bytes)) return false;
        if (candidate.place === undefined) return true;
        names ??= namesOf(fold(path()));
        return isAt(names, candidate.place);
      });
      return found?.rule;
    },
  };
}

/** Systems that are neither follow Linux' rules. */
const systemOf = (platform: NodeJS.Platform): System =>
  platform === 'darwin' || platform === 'win32' ? platform : 'linux';

const namesOf = (path: string): readonly string[] => path.split('/').filter((name) => name !== '');
const fits = (candidate: Candidate, kind: ExcludableKind, bytes: number): boolean =>
  candidate.kind === kind && bytes <= candidate.bytesMax;

function anywhere(rule: DefaultRule): Candidate {
  const named = { name: `default: ${rule.name}`, reason: rule.reason };
  return { rule: named, kind: rule.kind, bytesMax: rule.bytesMax ?? Infinity, place: undefined };
}

function* candidatesOf(
  rule: DefaultRule,
  homes: readonly (readonly string[])[],
  fold: (text: string) => string,
): Generator<[string, Candidate]> {
  const unplaced = anywhere(rule);
  const at = (names: readonly string[]): [string, Candidate] => [
    names.at(-1) ?? '',
    { ...unplaced, place: { names, below: false } },
  ];
  for (const name of rule.names ?? []) yield [name, unplaced];
  for (const path of rule.paths ?? []) yield at(namesOf(fold(path)));
  for (const home of homes) {
    for (const path of rule.inHome ?? []) yield at([...home, ...namesOf(fold(path))]);
    for (const folder of rule.belowHome?.folders ?? []) {
      const names = [...home, ...namesOf(fold(folder))];
      for (const name of rule.belowHome?.names ?? []) yield [name, { ...unplaced, place: { names, below: true } }];
    }
  }
}

function isAt(
  names: readonly string[],
  place: { readonly names: readonly string[]; readonly below: boolean },
): boolean {
  if (place.below ? names.length <= place.names.length : names.length !== place.names.length) return false;
  return place.names.every((name, i) => name === '*' || name === names[i]);
}

function add<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
