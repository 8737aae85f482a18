/** Patterns for names and paths: `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, and `**` for any number of folders. */

export interface GlobOptions {
  readonly ignoreCase: boolean;
}

/**
 * Whether a pattern fits a path, whose components are separated by `/`. Without a slash it is compared with the last
 * name; with one, with as many components at the end of the path, or with all of it if it begins with a slash. A
 * pattern that is not closed (`[a`) stands for itself.
 */
export function globMatcher(pattern: string, { ignoreCase }: GlobOptions): (path: string) => boolean {
  const isAnchored = pattern.startsWith('/') || /^[A-Za-z]:\//.test(pattern);
  const isName = !pattern.includes('/');
  const expression = new RegExp(
    `^${isAnchored || isName ? '' : '(?:.*/)?'}${source(pattern)}$`,
    ignoreCase ? 'isu' : 'su',
  );
  return (path) => expression.test(isName ? path.slice(path.lastIndexOf('/') + 1) : path);
}

function source(pattern: string): string {
  let text = '';
  let depth = 0;
  for (let at = 0; at < pattern.length;) {
    const character = String.fromCodePoint(pattern.codePointAt(at) as number);
    const rest = pattern.slice(at);
    const [folders] = /^\*\*\//.exec(rest) ?? [];
    const [set] = /^\[!?[^\]/][^\]/]*\]/.exec(rest) ?? [];
    if (folders !== undefined) text += '(?:[^/]*/)*';
    else if (rest.startsWith('**')) text += '.*';
    else if (character === '*') text += '[^/]*';
    else if (character === '?') text += '[^/]';
    else if (set !== undefined) text += setSource(set);
    else if (character === '{' && isClosed(rest)) {
      text += '(?:';
      depth++;
    } else if (character === '}' && depth > 0) {
      text += ')';
      depth--;
    } else if (character === ',' && depth > 0) text += '|';
    else text += escaped(character);
    at += folders?.length ?? (rest.startsWith('**') ? 2 : (set?.length ?? character.length));
  }
  return text;
}

const isClosed = (rest: string): boolean => {
  const end = rest.indexOf('}');
  return end > 0 && !rest.slice(1, end).includes('{');
};

/** `[!a-z]` -> `[^a-z/]`: a set never fits a slash. */
function setSource(set: string): string {
  const negated = set[1] === '!';
  const members = set.slice(negated ? 2 : 1, -1).replaceAll(/[\\[\]^&~|]/g, String.raw`\$&`);
  return negated ? `(?!/)[^${members}]` : `(?!/)[${members}]`;
}

const escaped = (character: string): string => character.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
