import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CORPUS_TIME_S } from './prose.ts';

export interface TreeTotals {
  readonly files: number;
  readonly bytes: number;
}

/** Writes files and the folders above them, and counts. Times are whole seconds, which every file system keeps. */
export interface TreeWriter {
  write(name: string, content: Uint8Array, mtimeS: number): void;
  /** Gives every folder its time (writing files into a folder changes it), so nothing is written after this. */
  finish(): TreeTotals;
}

export function createTreeWriter(root: string): TreeWriter {
  const folders = new Set<string>();
  let files = 0;
  let bytes = 0;
  const makeFolder = (folder: string) => {
    if (folders.has(folder)) return;
    mkdirSync(path.join(root, folder), { recursive: true });
    for (let above = folder; !folders.has(above); above = path.posix.dirname(above)) folders.add(above);
  };
  makeFolder('.');
  return {
    write(name, content, mtimeS) {
      makeFolder(path.posix.dirname(name));
      const file = path.join(root, name);
      writeFileSync(file, content, { flag: 'wx' });
      utimesSync(file, mtimeS, mtimeS);
      files += 1;
      bytes += content.byteLength;
    },
    finish() {
      for (const folder of folders) utimesSync(path.join(root, folder), CORPUS_TIME_S, CORPUS_TIME_S);
      return { files, bytes };
    },
  };
}
