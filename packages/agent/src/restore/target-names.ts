/** Names as the target's system can have them: reserved ones and those that would collide get `~2`, `~3` and so on. */

export interface NameRules {
  /** `a` and `A`, or two forms of one accented letter, are one name. */
  readonly foldsCase: boolean;
  /** Names of devices, endings and characters that Windows does not allow. */
  readonly windows: boolean;
}

const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
const FORBIDDEN = /[<>:"\\|?*\u0000-\u001f]/g;
const FORBIDDEN_END = /[. ]+$/;

/** Whether any name could have to be changed. */
export const mayRename = (rules: NameRules): boolean => rules.foldsCase || rules.windows;

/** The name to use for `name` in a folder where `taken` are used already; adds it to them. */
export function nameFor(name: string, taken: Set<string>, rules: NameRules): string {
  const allowed = rules.windows ? name.replaceAll(FORBIDDEN, '_').replace(FORBIDDEN_END, dotsAway) : name;
  const isReserved = rules.windows && RESERVED.test(allowed);
  for (let n = isReserved || allowed !== name ? 2 : 1; ; n++) {
    const candidate = n === 1 ? allowed : numbered(allowed, n);
    const folded = rules.foldsCase ? candidate.normalize('NFC').toLowerCase() : candidate;
    if (taken.has(folded)) continue;
    taken.add(folded);
    return candidate;
  }
}

const dotsAway = (end: string): string => '_'.repeat(end.length);

/** `notes.txt` -> `notes~2.txt`: before the ending, for a reserved name with anything behind a dot is reserved too. */
function numbered(name: string, n: number): string {
  const dot = name.indexOf('.', 1);
  return dot < 0 ? `${name}~${n}` : `${name.slice(0, dot)}~${n}${name.slice(dot)}`;
}
