/** Patterns for names and paths: `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, and `**` for any number of folders. */
import { BackupError } from '@backup-agent/core';

export interface GlobOptions {
  readonly ignoreCase: boolean;
}

/**
 * Whether a pattern fits a path, whose components are separated by `/`. Without a slash it is compared with the last
 * name; with one, with as many components at the end of the path, or with all of it if it begins with a slash. A
 * pattern that is not closed (`[a`) stands for itself. Throws CONFIG_INVALID for a range that ends before it begins.
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

/** At its beginning a set; `]` may not be a member, and `/` never is. */
const SET = /^\[!?[^\]/][^\]/]*\]/;
const SETS = /\[!?[^\]/][^\]/]*\]/g;

function source(pattern: string): string {
  let text = '';
  let depth = 0;
  for (let at = 0; at < pattern.length;) {
    const character = String.fromCodePoint(pattern.codePointAt(at) as number);
    const rest = pattern.slice(at);
    const [folders] = /^\*\*\//.exec(rest) ?? [];
    const set = character === '[' ? SET.exec(rest)?.[0] : undefined;
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

/** A brace within a set is a member of it and closes nothing. */
const isClosed = (rest: string): boolean => /^\{[^{}]*\}/.test(rest.replaceAll(SETS, ''));

/** `[!a-z]` -> `[^a-z/]`: a set never fits a slash. */
function setSource(set: string): string {
  const negated = set[1] === '!';
  const given = set.slice(negated ? 2 : 1, -1);
  for (const [range, first = '', last = ''] of given.matchAll(/(.)-(.)/gsu))
    if ((first.codePointAt(0) as number) > (last.codePointAt(0) as number))
      throw new BackupError('CONFIG_INVALID', `the pattern "${set}" has a range that ends before it begins: ${range}`, {
        hint: `write ${last}-${first}, or "[[]" for a bracket that stands for itself`,
      });
  const members = given.replaceAll(/[\\[\]^|]/g, String.raw`\$&`);
  return negated ? `(?!/)[^${members}]` : `(?!/)[${members}]`;
}

const escaped = (character: string): string => character.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
