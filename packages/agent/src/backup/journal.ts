/**
 * What a run has saved so far, on this machine: the catalog lines of entries whose chunks are uploaded, in the catalog's
 * order. The next run takes them for unchanged without reading the files again. A cache: losing it costs time only, and
 * a line counts only if its chunks lie in usable packs.
 */
import { closeSync, existsSync, openSync, readSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEntry, isBackupError, isNodeError, isRunId, makeFolders } from '@backup-agent/core';
import type { CatalogLine, RunId } from '@backup-agent/core';
import { EntryLines, checkedLine } from './entry-lines.ts';

const FLUSH_BYTES = 256 * 1024;
const READ_BYTES = 256 * 1024;
/** More interrupted runs than this are not remembered: the oldest do not count. */
const JOURNALS_MAX = 32;
/** Entries of one block. */
const BLOCK_ENTRIES = 1000;

interface JournalHeader {
  readonly run: RunId;
  /** Absolute paths; a line's root number is a position here. */
  readonly roots: readonly string[];
}

/** Writes one run's journal. A disk that takes no more of it ends the journal, not the run. */
export class JournalWriter {
  #descriptor: number | undefined;
  readonly #pending = new EntryLines();
  readonly #warn: (message: string) => void;

  /** `warn` hears once, in a sentence, if the journal cannot be written. */
  constructor(folder: string, header: JournalHeader, warn: (message: string) => void) {
    this.#warn = warn;
    this.#attempt(() => {
      makeFolders(folder, 0o700);
      this.#descriptor = openSync(pathOf(folder, header.run), 'w', 0o600);
    });
    this.add(JSON.stringify(header));
  }

  /** Adds a line, or one that is in the journal's form already. */
  add(line: string | Uint8Array): void {
    if (typeof line === 'string') this.#pending.add(line);
    else this.#pending.append(line);
    if (this.#pending.length >= FLUSH_BYTES) this.flush();
  }

  flush(): void {
    const descriptor = this.#descriptor;
    const bytes = this.#pending.take();
    if (descriptor === undefined) return;
    this.#attempt(() => {
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    });
  }

  /** May be called twice. */
  close(): void {
    this.flush();
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) this.#attempt(() => closeSync(descriptor));
  }

  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!isNodeError(error)) throw error;
      this.#warn(`what is saved is not noted on this machine (${error.message}); if cut off, it is read again`);
      const descriptor = this.#descriptor;
      this.#descriptor = undefined;
      if (descriptor !== undefined) this.#attempt(() => closeSync(descriptor));
    }
  }
}

export interface Journal {
  readonly path: string;
  readonly header: JournalHeader;
}

/**
 * Journals of runs that did not commit and that have one of these roots, newest first. One that cannot be read or says
 * nothing is as good as none.
 */
export function readJournals(folder: string, roots: readonly string[]): Journal[] {
  const journals: Journal[] = [];
  for (const run of runsIn(folder)) {
    const journal = openJournal(pathOf(folder, run));
    if (journal?.header.roots.some((root) => roots.includes(root)) === true) journals.push(journal);
    if (journals.length === JOURNALS_MAX) break;
  }
  return journals;
}

/**
 * Forgets the journals that have one of these roots: their runs, or one after them, have committed. (A journal that is kept
 * keeps the next run from trusting the last snapshot as a whole, so one must not stay for a root that is backed up no more.)
 */
export function removeJournals(folder: string, roots: readonly string[]): void {
  for (const run of runsIn(folder)) {
    const path = pathOf(folder, run);
    if (openJournal(path)?.header.roots.some((root) => roots.includes(root)) !== false) rmSync(path, { force: true });
  }
}

/** The entries of one root, decoded a block at a time. */
export function* journalEntries(journal: Journal, rootPath: string): Generator<CatalogLine[]> {
  const root = journal.header.roots.indexOf(rootPath);
  if (root < 0) return;
  let block: CatalogLine[] = [];
  for (const line of linesOf(journal.path)) {
    if (!line.startsWith(`{"root":${root},`)) continue;
    try {
      block.push({ entry: decodeEntry(line, 'the journal'), line });
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED')) throw error;
      break; // What follows a line that no run writes is not to be trusted either.
    }
    if (block.length === BLOCK_ENTRIES) {
      yield block;
      block = [];
    }
  }
  if (block.length > 0) yield block;
}

/** Undefined for one that has no entries. */
function openJournal(path: string): Journal | undefined {
  let header: string | undefined;
  for (const line of linesOf(path)) {
    if (header !== undefined) return { path, header: JSON.parse(header) as JournalHeader };
    header = line;
  }
  return undefined;
}

/** The lines up to the first that is cut off or damaged; none where the file cannot be read. */
function* linesOf(path: string): Generator<string> {
  for (const text of textsOf(path)) {
    const line = checkedLine(text);
    if (line === undefined) return;
    yield line;
  }
}

/** What stands before each LF: a journal may be larger than a string can be. */
function* textsOf(path: string): Generator<string> {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let rest = Buffer.alloc(0);
    for (let read; (read = readSync(descriptor, buffer)) > 0;) {
      const bytes = Buffer.concat([rest, buffer.subarray(0, read)]);
      const end = bytes.lastIndexOf(0x0a);
      rest = bytes.subarray(end + 1);
      if (end >= 0) yield* bytes.toString('utf8', 0, end).split('\n');
    }
  } catch (error) {
    if (!isNodeError(error)) throw error; // A journal is a cache: what cannot be read of it costs time.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const runsIn = (folder: string): RunId[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .map((name) => name.replace(/\.journal$/, ''))
        .filter(isRunId)
        .sort()
        .reverse()
    : [];

const pathOf = (folder: string, run: RunId): string => join(folder, `${run}.journal`);
