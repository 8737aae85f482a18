/**
 * Places in the target for the system's tools, which take paths. On Linux the folder is named by an open descriptor of
 * this process: a folder that somebody swaps for a symlink meanwhile leads them nowhere else. Elsewhere by its path.
 */
import * as fs from 'node:fs';
import { isNodeError } from '@backup-agent/core';
import { wordsOf } from './entry-planner.ts';
import { TARGET_FOLDER } from './folder-handles.ts';
import type { RestoreRun } from './restore-run.ts';

const { O_DIRECTORY = 0 } = fs.constants;
const O_PATH = 0o10_000_000;
/** Folders that are open for one call of a tool: descriptors are few, and a call costs milliseconds. */
const FOLDERS_MAX = 200;

export interface ToolPlace {
  readonly folder: number;
  /** Empty: the folder itself. */
  readonly name: string;
}

/** Relative to the target, for a person. */
export const wordsOfPlace = (run: RestoreRun, { folder, name }: ToolPlace): string =>
  folder === TARGET_FOLDER && name === '' ? '.' : run.folders.pathOf(folder, name);

/** Calls `use` with some places at a time, by the paths that a tool takes. Folders that are gone are problems. */
export async function forTools<Place extends ToolPlace>(
  run: RestoreRun,
  places: Iterable<Place>,
  use: (byPath: ReadonlyMap<string, Place>) => Promise<void>,
): Promise<void> {
  const opened = new Map<number, number>();
  let byPath = new Map<string, Place>();
  const flush = async (): Promise<void> => {
    try {
      if (byPath.size > 0) await use(byPath);
    } finally {
      for (const descriptor of opened.values()) fs.closeSync(descriptor);
      opened.clear();
      byPath = new Map();
    }
  };
  try {
    for (const place of places) {
      if (opened.size >= FOLDERS_MAX && !opened.has(place.folder)) await flush();
      try {
        byPath.set(pathForTool(run, place, opened), place);
      } catch (error) {
        if (!isNodeError(error)) throw error;
        run.tally.problem(wordsOfPlace(run, place), wordsOf(error));
      }
    }
  } finally {
    await flush();
  }
}

function pathForTool(run: RestoreRun, { folder, name }: ToolPlace, opened: Map<number, number>): string {
  if (run.target.root.descriptor === undefined) {
    const path = run.folders.pathOf(folder, name);
    return path === '' ? run.target.path : `${run.target.path}/${path}`;
  }
  const descriptor = opened.get(folder) ?? fs.openSync(run.folders.handles.path(folder), O_PATH | O_DIRECTORY);
  opened.set(folder, descriptor);
  return `/proc/${process.pid}/fd/${descriptor}/${name === '' ? '.' : name}`;
}
