/**
 * What a run has saved so far, on this machine: the catalog lines of entries whose chunks are uploaded, in the catalog's
 * order. The next run takes them for unchanged without reading the files again. A cache: losing it costs time only, and
 * a line counts only if its chunks lie in usable packs.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { decodeEntry, isBackupError, isRunId } from '@backup-agent/core';
import type { CatalogLine, RunId } from '@backup-agent/core';

const FLUSH_BYTES = 256 * 1024;
/** More interrupted runs than this are not remembered: the oldest go. */
const JOURNALS_MAX = 8;

interface JournalHeader {
  readonly run: RunId;
  /** Absolute paths; a line's root number is a position here. */
  readonly roots: readonly string[];
}

export class JournalWriter {
  #descriptor: number | undefined;
  #pending: string[] = [];
  #pendingBytes = 0;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  static open(folder: string, header: JournalHeader): JournalWriter {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const writer = new JournalWriter(openSync(pathOf(folder, header.run), 'w', 0o600));
    writer.#add(JSON.stringify(header));
    return writer;
  }

  add(line: string): void {
    this.#add(line);
    if (this.#pendingBytes >= FLUSH_BYTES) this.flush();
  }

  #add(line: string): void {
    this.#pending.push(`${crc32(line).toString(16).padStart(8, '0')} ${line}\n`);
    this.#pendingBytes += line.length;
  }

  flush(): void {
    if (this.#pending.length > 0 && this.#descriptor !== undefined) writeSync(this.#descriptor, this.#pending.join(''));
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  /** May be called twice. */
  close(): void {
    this.flush();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

export interface Journal {
  readonly header: JournalHeader;
  /** The file's lines after the header, undecoded. */
  readonly lines: readonly string[];
}

/** Journals of runs that did not commit, newest first. One that cannot be read or says nothing is as good as none. */
export function readJournals(folder: string): Journal[] {
  const journals: Journal[] = [];
  for (const run of runsIn(folder).slice(0, JOURNALS_MAX)) {
    const journal = readJournal(pathOf(folder, run));
    if (journal !== undefined && journal.lines.length > 0) journals.push(journal);
  }
  return journals;
}

/** Forgets all journals: their runs, or one after them, have committed. */
export function removeJournals(folder: string): void {
  for (const run of runsIn(folder)) rmSync(pathOf(folder, run), { force: true });
}

/** The entries of one root, decoded a block at a time. */
export function* journalEntries(journal: Journal, rootPath: string): Generator<CatalogLine[]> {
  const root = journal.header.roots.indexOf(rootPath);
  if (root < 0) return;
  let block: CatalogLine[] = [];
  for (const line of journal.lines) {
    if (!line.startsWith(`{"root":${root},`)) continue;
    try {
      block.push({ entry: decodeEntry(line, 'the journal'), line });
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED')) throw error;
      break; // What follows a line that no run writes is not to be trusted either.
    }
    if (block.length === 1000) {
      yield block;
      block = [];
    }
  }
  if (block.length > 0) yield block;
}

function readJournal(path: string): Journal | undefined {
  const lines: string[] = [];
  // The last piece is what follows the last LF: nothing, or a line that was cut off.
  for (const text of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
    const line = text.slice(9);
    if (text.slice(0, 8) !== crc32(line).toString(16).padStart(8, '0')) break;
    lines.push(line);
  }
  const [header, ...entries] = lines;
  return header === undefined ? undefined : { header: JSON.parse(header) as JournalHeader, lines: entries };
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
