/** Whether the folders of one backup contain those of another, as absolute paths with `/`. */
export function containsRoots(outer: readonly string[], inner: readonly string[]): boolean {
  const roots = new Set(outer.map(withoutSlash));
  return inner.every((path) => ancestorsOf(withoutSlash(path)).some((ancestor) => roots.has(ancestor)));
}

/** `/` and `C:/` are '' and `C:` here, so that every other path continues with a slash. */
const withoutSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path);

/** The path itself and all folders above it. */
function ancestorsOf(path: string): string[] {
  const ancestors = [path];
  for (let at = path.lastIndexOf('/'); at >= 0; at = path.lastIndexOf('/', at - 1)) {
    ancestors.push(path.slice(0, at));
    if (at === 0) break;
  }
  return ancestors;
}
