/**
 * Exclude patterns as the user gives them, in gitignore's syntax: https://git-scm.com/docs/gitignore. They apply to
 * paths relative to each root; one that begins with the root's own absolute path, or with `~/`, means that place.
 */
import { readFileSync } from 'node:fs';
import ignore from 'ignore';
import { BackupError, pathFromBytes } from '@backup-agent/core';

export interface ExcludePattern {
  /** One line of gitignore syntax. */
  readonly pattern: string;
  /** Names the rule for the user. */
  readonly rule: string;
}

/** Patterns given one by one. Throws CONFIG_INVALID for one that could never match. */
export function patternsOfOptions(patterns: readonly string[], option = '--exclude'): ExcludePattern[] {
  return patterns.map((text) => {
    const pattern = withSlashes(text);
    if (/^!?\s*$/.test(pattern) || endsWithLoneBackslash(pattern)) {
      throw new BackupError('CONFIG_INVALID', `${option} "${text}" can match nothing`, {
        hint: 'give a pattern in the syntax of .gitignore, such as "*.iso" or "drafts/"',
      });
    }
    // In a file `#` begins a comment; somebody who gives one pattern means the character.
    return { pattern: pattern.startsWith('#') ? `\\${pattern}` : pattern, rule: `${option} ${quoted(text)}` };
  });
}

/** The patterns of an --exclude-file. Throws CONFIG_INVALID if it cannot be read. */
export function readPatternFile(path: string): ExcludePattern[] {
  try {
    return patternsOfFile(readFileSync(path), path);
  } catch (cause) {
    throw new BackupError('CONFIG_INVALID', `cannot read the exclude file ${path}`, {
      hint: 'check that the file exists and that you may read it',
      cause,
    });
  }
}

/** The patterns in a file's bytes; `name` is how the file is called in rules. Names in it need not be UTF-8. */
export function patternsOfFile(bytes: Uint8Array, name: string): ExcludePattern[] {
  return textOf(bytes)
    .split(/\r?\n/)
    .map((pattern, i) => ({ pattern, rule: `${name}:${i + 1} ${quoted(pattern)}` }))
    .filter(({ pattern }) => !/^\s*$/.test(pattern) && !pattern.startsWith('#'));
}

/**
 * The pattern as it has to stand for a root: an absolute path that leads to or into the root becomes relative to it.
 * All others stay.
 */
export function patternForRoot(pattern: string, rootPath: string, home: string, ignoreCase: boolean): string {
  const negation = pattern.startsWith('!') ? '!' : '';
  const written = pattern.slice(negation.length);
  const body = written.startsWith('~/') ? namesOf(home).map(escapeGlob).join('/') + written.slice(1) : written;
  const isAbsolute = written.startsWith('~/') || written.startsWith('/') || /^[A-Za-z]:\//.test(written);
  if (!isAbsolute) return pattern;
  const wanted = body.split('/').filter((name, i) => i > 0 || name !== '');
  for (const name of namesOf(rootPath)) {
    const next = wanted[0];
    if (next === '**') break; // It may stand for what remains of the root's path, and for more below.
    if (next === undefined || next === '' || !ignore({ ignoreCase }).add(`/${next}`).ignores(name)) return pattern;
    wanted.shift();
  }
  const isBelow = wanted.some((name) => name !== '');
  return isBelow ? `${negation}/${wanted.join('/')}` : pattern;
}

/**
 * The pattern of a file in `folder` (relative to the root), made relative to the root, so that patterns of several
 * files can stand in one list, the last match deciding as in git.
 */
export function patternBelow(folder: string, pattern: string): string {
  const isNothing = /^!?\/+ *$/.test(pattern); // Matches nothing, but put behind a folder it would match that.
  if (folder === '' || isNothing) return pattern;
  const negation = pattern.startsWith('!') ? '!' : '';
  const body = pattern.slice(negation.length);
  const prefix = `${negation}/${folder.split('/').map(escapeGlob).join('/')}`;
  const slash = body.indexOf('/');
  const isAnchored = slash >= 0 && slash < lengthWithoutSpaces(body) - 1;
  if (body.startsWith('/')) return prefix + body;
  return isAnchored ? `${prefix}/${body}` : `${prefix}/**/${body}`;
}

/** The name as a pattern that matches it alone. */
const escapeGlob = (name: string): string => name.replaceAll(/[\\*?[\]!# ]/g, '\\$&');
const namesOf = (path: string): string[] => path.split(/[\\/]/).filter((name) => name !== '');
const quoted = (text: string): string => JSON.stringify(text);

/** `C:\Users\me\x` with slashes: backslashes would escape. */
const withSlashes = (pattern: string): string =>
  /^!?(?:[A-Za-z]:|~)\\/.test(pattern) ? pattern.replaceAll('\\', '/') : pattern;

function lengthWithoutSpaces(text: string): number {
  let length = text.length;
  while (text[length - 1] === ' ') length--;
  return length;
}

function endsWithLoneBackslash(pattern: string): boolean {
  let count = 0;
  while (pattern[pattern.length - 1 - count] === '\\') count++;
  return count % 2 === 1;
}

/** UTF-8 with or without a byte order mark, or UTF-16 with one, as PowerShell's `>` writes it. */
function textOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return Buffer.from(bytes.subarray(2)).toString('utf16le');
  const text = pathFromBytes(bytes);
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
