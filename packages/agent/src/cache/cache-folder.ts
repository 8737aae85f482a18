/**
 * A folder of copies of things that never change. Each file begins with a hash over its name and content, so what is
 * found is what was kept; anything else is as good as absent. Nothing here ever fails: whoever asks goes to the source.
 */
import { hash } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { isNodeError, makeFolders } from '@backup-agent/core';

const DIGEST_BYTES = 32;
/** Times of use are told to the day: more would be a write for each read. */
const USE_MS = 24 * 60 * 60_000;

export interface CacheFolderDeps {
  /** This machine's clock. */
  readonly now: () => Date;
  readonly random: (bytes: number) => Uint8Array;
  /** Told once, when the folder cannot be used. */
  readonly onTrouble: (message: string) => void;
}

export class CacheFolder {
  readonly #folder: string;
  readonly #deps: CacheFolderDeps;
  #toldTrouble = false;
  #keptBytes = 0;

  constructor(folder: string, deps: CacheFolderDeps) {
    this.#folder = folder;
    this.#deps = deps;
  }

  /** What was kept under this name, which is a hash or any other text fit for a file. */
  find(name: string): Buffer | undefined {
    return this.#quietly(() => {
      const file = this.#file(name);
      const bytes = fs.readFileSync(file);
      const content = bytes.subarray(DIGEST_BYTES);
      if (!bytes.subarray(0, DIGEST_BYTES).equals(digest(name, content))) {
        fs.rmSync(file, { force: true });
        return undefined;
      }
      this.#markUsed(file);
      return content;
    });
  }

  keep(name: string, content: Uint8Array): void {
    this.#quietly(() => {
      const file = this.#file(name);
      const temporary = `${file}.${Buffer.from(this.#deps.random(6)).toString('hex')}.part`;
      makeFolders(path.dirname(file), 0o700);
      try {
        fs.writeFileSync(temporary, Buffer.concat([digest(name, content), content]), { mode: 0o600 });
        fs.renameSync(temporary, file);
        this.#keptBytes += content.length;
      } catch (error) {
        fs.rmSync(temporary, { force: true });
        throw error;
      }
    });
  }

  /** Removes what was not used for longest, until at most `bytesMax` remain. Nothing to do if nothing was kept. */
  prune(bytesMax: number): void {
    if (this.#keptBytes === 0) return;
    this.#keptBytes = 0;
    this.#quietly(() => {
      const files = filesIn(this.#folder).sort((a, b) => b.usedMs - a.usedMs);
      let bytes = 0;
      for (const file of files) {
        bytes += file.bytes;
        if (bytes > bytesMax) fs.rmSync(file.path, { force: true });
      }
    });
  }

  #file(name: string): string {
    return path.join(this.#folder, name.slice(0, 2), name);
  }

  #markUsed(file: string): void {
    const now = this.#deps.now();
    if (+now - fs.statSync(file).mtimeMs > USE_MS) fs.utimesSync(file, now, now);
  }

  #quietly<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!isNodeError(error)) throw error;
      if (error.code !== 'ENOENT' && !this.#toldTrouble) {
        this.#toldTrouble = true;
        this.#deps.onTrouble(`the cache ${this.#folder} cannot be used (${error.code}); everything is read anew`);
      }
      return undefined;
    }
  }
}

const digest = (name: string, content: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), content]), 'buffer');

function filesIn(folder: string): { path: string; bytes: number; usedMs: number }[] {
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const place = path.join(entry.parentPath, entry.name);
    const stat = fs.statSync(place, { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ path: place, bytes: stat.size, usedMs: stat.mtimeMs }];
  });
}
