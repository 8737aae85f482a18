/**
 * The patterns that apply in a folder: those of the command line and those of the `.backupignore` files above, as one
 * list in which the last match decides. Order: files from the root downwards, then the command line, as in git.
 */
import ignore from 'ignore';
import type { Ignore } from 'ignore';
import { patternBelow } from './patterns.ts';
import type { ExcludePattern } from './patterns.ts';
import type { ExcludeRule } from './rule.ts';

/** `ignore` remembers each path it was asked about; it is made anew after so many, so that memory does not grow. */
const QUESTIONS_MAX = 4_096;

export interface PatternScope {
  /**
   * Which rule excludes a path relative to the root, or 'included' if a negated pattern takes it back in, or nothing.
   * The folders above must not be excluded themselves.
   */
  decide(path: string, isFolder: boolean): ExcludeRule | 'included' | undefined;
  /** The scope of a folder that holds patterns of its own. `folder` is relative to the root. */
  extend(folder: string, patterns: readonly ExcludePattern[]): PatternScope;
}

interface Patterns {
  readonly ofTree: Ignore;
  readonly ofCommandLine: Ignore;
  readonly ignoreCase: boolean;
}

/** The scope of a root, before any file in it was read. */
export function makePatternScope(ofCommandLine: readonly ExcludePattern[], ignoreCase: boolean): PatternScope {
  return scopeOf({
    ofTree: emptyIgnore(ignoreCase),
    ofCommandLine: addPatterns(emptyIgnore(ignoreCase), ofCommandLine),
    ignoreCase,
  });
}

function scopeOf({ ofTree, ofCommandLine, ignoreCase }: Patterns): PatternScope {
  const renew = (): Ignore => emptyIgnore(ignoreCase).add(ofTree).add(ofCommandLine);
  let current = renew();
  let questions = 0;
  return {
    decide(path, isFolder) {
      if (++questions % QUESTIONS_MAX === 0) current = renew();
      const result = current.test(isFolder ? `${path}/` : path);
      if (result.rule !== undefined) return ruleOf(result.rule.mark ?? result.rule.pattern);
      return result.unignored ? 'included' : undefined;
    },
    extend: (folder, patterns) =>
      scopeOf({
        ofTree: addPatterns(
          emptyIgnore(ignoreCase).add(ofTree),
          patterns.map(({ pattern, rule }) => ({ pattern: patternBelow(folder, pattern), rule })),
        ),
        ofCommandLine,
        ignoreCase,
      }),
  };
}

// Relative paths are never refused: a name such as `..x` is a name like any other here.
const emptyIgnore = (ignoreCase: boolean): Ignore => ignore({ ignoreCase, allowRelativePaths: true });

const addPatterns = (to: Ignore, patterns: readonly ExcludePattern[]): Ignore =>
  to.add(patterns.map(({ pattern, rule }) => ({ pattern, mark: rule })));

const ruleOf = (name: string): ExcludeRule => ({ name, reason: 'you asked for it' });
