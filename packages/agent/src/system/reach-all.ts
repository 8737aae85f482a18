/** Many paths made ready for a tool at once. */
import { reachForTool } from './long-paths.ts';
import type { MetadataProblem } from './metadata-tools.ts';

export interface ReachedPaths {
  /** The path as the tool takes it -> the path as it was given. */
  readonly originals: ReadonlyMap<string, string>;
  /** Paths that cannot be reached. */
  readonly problems: readonly MetadataProblem[];
  /** Must be called, once, after the tool has ended. */
  close(): void;
}

export function reachAll(paths: readonly string[]): ReachedPaths {
  const originals = new Map<string, string>();
  const problems: MetadataProblem[] = [];
  const opened: { close(): void }[] = [];
  for (const path of paths) {
    try {
      const reached = reachForTool(path);
      opened.push(reached);
      originals.set(reached.path, path);
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      problems.push({ path, reason: error.message });
    }
  }
  return { originals, problems, close: () => opened.forEach((folder) => folder.close()) };
}
