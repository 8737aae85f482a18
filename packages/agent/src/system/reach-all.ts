/** Many paths made ready for a tool at once. */
import { isTooLong, reachForTool } from './long-paths.ts';
import type { MetadataProblem } from './metadata-tools.ts';

export interface ReachedPaths {
  /** As the tool takes them. */
  readonly paths: readonly string[];
  /** The path as the tool takes it -> the path as it was given. Made when it is asked for: mostly there is nothing to tell. */
  readonly originals: ReadonlyMap<string, string>;
  /** Paths that cannot be reached. */
  readonly problems: readonly MetadataProblem[];
  /** Must be called, once, after the tool has ended. */
  close(): void;
}

export function reachAll(given: readonly string[]): ReachedPaths {
  const paths: string[] = [];
  const shortened = new Map<string, string>();
  const problems: MetadataProblem[] = [];
  const opened: { close(): void }[] = [];
  for (const path of given) {
    if (!isTooLong(path)) {
      paths.push(path);
      continue;
    }
    try {
      const reached = reachForTool(path);
      opened.push(reached);
      paths.push(reached.path);
      shortened.set(reached.path, path);
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      problems.push({ path, reason: error.message });
    }
  }
  let originals: Map<string, string> | undefined;
  return {
    paths,
    get originals() {
      return (originals ??= new Map(paths.map((path) => [path, shortened.get(path) ?? path])));
    },
    problems,
    close: () => opened.forEach((folder) => folder.close()),
  };
}
