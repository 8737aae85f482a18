/** Which entries --include and --exclude leave. */
import ignore from 'ignore';

export interface PathFilter {
  /** Whether the entry is wanted, by its path relative to its root. */
  wants(path: string, isFolder: boolean): boolean;
  /** Whether something was to be included, and of all entries that were asked about none was. */
  fitsNothing(): boolean;
}

export interface Patterns {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/**
 * Patterns in gitignore syntax. What lies in a folder that a pattern names is meant too. Capital and small letters are
 * the same where the system of `platform` takes them for the same, as they are for the excludes of a backup.
 */
export function pathFilter({ include, exclude }: Patterns, platform: NodeJS.Platform): PathFilter {
  const ignoreCase = platform === 'win32' || platform === 'darwin';
  const included = include.length === 0 ? undefined : matcher(include, ignoreCase);
  const excluded = exclude.length === 0 ? undefined : matcher(exclude, ignoreCase);
  let fitted = false;
  return {
    wants: (path, isFolder) => {
      if (path === '') return included === undefined;
      const asked = isFolder ? `${path}/` : path;
      if (included?.(asked) === false) return false;
      fitted = true;
      return excluded?.(asked) !== true;
    },
    fitsNothing: () => included !== undefined && !fitted,
  };
}

function matcher(patterns: readonly string[], ignoreCase: boolean): (path: string) => boolean {
  const rules = ignore({ allowRelativePaths: true, ignoreCase }).add([...patterns]);
  return (path) => rules.ignores(path);
}
