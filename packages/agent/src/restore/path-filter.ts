/** Which entries --include and --exclude leave. */
import ignore from 'ignore';

export interface PathFilter {
  /** Whether the entry is wanted, by its path relative to its root. */
  wants(path: string, isFolder: boolean): boolean;
  /** Whether folders are restored only for what is in them. */
  readonly isPartial: boolean;
}

/** Patterns in gitignore syntax. What lies in a folder that a pattern names is meant too. */
export function pathFilter(include: readonly string[], exclude: readonly string[]): PathFilter {
  const included = include.length === 0 ? undefined : matcher(include);
  const excluded = exclude.length === 0 ? undefined : matcher(exclude);
  return {
    isPartial: included !== undefined,
    wants: (path, isFolder) => {
      if (path === '') return included === undefined;
      const asked = isFolder ? `${path}/` : path;
      return included?.(asked) !== false && excluded?.(asked) !== true;
    },
  };
}

function matcher(patterns: readonly string[]): (path: string) => boolean {
  const rules = ignore({ allowRelativePaths: true }).add([...patterns]);
  return (path) => rules.ignores(path);
}
