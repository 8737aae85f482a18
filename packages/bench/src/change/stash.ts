import { appendFileSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { isNodeError } from '@backup-agent/core';

/** What has to be done to take one step of a change back. */
type Undo =
  | { readonly undo: 'put-back'; readonly stashed: string; readonly name: string }
  | { readonly undo: 'remove'; readonly name: string }
  | { readonly undo: 'set-times'; readonly name: string; readonly atimeS: number; readonly mtimeS: number };

/**
 * Where the originals of changed files wait, beside the tree. Every step is noted before it is done, so a bench that
 * is cut off at any moment can still be taken back by the next one.
 */
export interface Stash {
  /** To be called before anything in the folder changes. */
  rememberTimes(folder: string): void;
  /** Moves a file out of the tree. Returns where it is now. */
  takeAway(name: string): string;
  /** To be called before a file that was not there is written. */
  willAdd(name: string): void;
}

const stashFolder = (root: string) => `${root}.stash`;
const journalFile = (root: string) => path.join(stashFolder(root), 'journal');

export function openStash(root: string): Stash {
  mkdirSync(stashFolder(root), { recursive: true });
  const remembered = new Set<string>();
  let taken = 0;
  const note = (line: Undo) => appendFileSync(journalFile(root), `${JSON.stringify(line)}\n`);
  return {
    rememberTimes(folder) {
      if (remembered.has(folder)) return;
      remembered.add(folder);
      const { atimeMs, mtimeMs } = lstatSync(path.join(root, folder));
      note({ undo: 'set-times', name: folder, atimeS: atimeMs / 1000, mtimeS: mtimeMs / 1000 });
    },
    takeAway(name) {
      const stashed = path.join(stashFolder(root), String(taken++));
      note({ undo: 'put-back', stashed, name });
      renameSync(path.join(root, name), stashed);
      return stashed;
    },
    willAdd(name) {
      note({ undo: 'remove', name });
    },
  };
}

/**
 * Makes the tree what it was before `applyChange`: names, bytes and times. Takes every noted step back, the last one
 * first, also those that were noted but not done; does nothing where no change was made.
 */
export function revertChange(root: string): void {
  for (const line of readJournal(root).toReversed()) {
    if (line.undo === 'remove') rmSync(path.join(root, line.name), { force: true });
    else if (line.undo === 'set-times') utimesSync(path.join(root, line.name), line.atimeS, line.mtimeS);
    else putBack(line.stashed, path.join(root, line.name));
  }
  rmSync(stashFolder(root), { recursive: true, force: true });
}

function readJournal(root: string): Undo[] {
  try {
    const lines = readFileSync(journalFile(root), 'utf8').split('\n');
    // What follows the last line feed is nothing, or a line cut off before its step was done.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Undo);
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return [];
    throw error;
  }
}

function putBack(stashed: string, target: string): void {
  try {
    renameSync(stashed, target);
  } catch (error) {
    // Noted, and cut off before it was moved away: it is where it belongs.
    if (!isNodeError(error, 'ENOENT')) throw error;
  }
}
