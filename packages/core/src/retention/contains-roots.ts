/** Whether the folders of one backup contain those of another, as absolute paths with `/`. */
export function containsRoots(outer: readonly string[], inner: readonly string[]): boolean {
  const roots = new Set(outer.map(withoutSlash));
  return inner.every((path) => path.length <= PATH_CHARS_MAX && isWithin(withoutSlash(path), roots));
}

/** `/` and `C:/` are '' and `C:` here, so that every other path continues with a slash. */
const withoutSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path);

/** No system has longer paths; of one that a device made up, every folder above it would be looked up. */
const PATH_CHARS_MAX = 65_536;

function isWithin(path: string, roots: ReadonlySet<string>): boolean {
  for (let end = path.length; end >= 0; end = path.lastIndexOf('/', end - 1)) {
    if (roots.has(path.slice(0, end))) return true;
    if (end === 0) break;
  }
  return false;
}
