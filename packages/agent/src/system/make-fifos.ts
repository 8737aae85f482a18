/** FIFOs by mkfifo(1), in batches. */
import * as fs from 'node:fs';
import { fsPath } from './long-paths.ts';
import type { MetadataProblem } from './metadata-tools.ts';
import { reachAll } from './reach-all.ts';
import { complaintOf, runForPaths } from './run-tool.ts';
import type { ToolContext } from './run-tool.ts';

/** See `MetadataTools.makeFifos`. */
export async function makeFifos(paths: readonly string[], context: ToolContext): Promise<readonly MetadataProblem[]> {
  const reached = reachAll(paths);
  try {
    const problems = [...reached.problems];
    const free: string[] = [];
    for (const [path, original] of reached.originals) {
      if (lookAt(path) === undefined) free.push(path);
      else problems.push({ path: original, reason: 'something of this name is already there' });
    }
    const result = await runForPaths('mkfifo', ['-m', '600', '--'], free, context);
    if (result.code === 0) return problems;
    for (const path of free.filter((wanted) => lookAt(wanted)?.isFIFO() !== true))
      problems.push({ path: reached.originals.get(path) ?? path, reason: complaintOf(result, 'mkfifo') });
    return problems;
  } finally {
    reached.close();
  }
}

function lookAt(path: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(fsPath(path), { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined; // mkfifo will say what is wrong with it.
    throw error;
  }
}
