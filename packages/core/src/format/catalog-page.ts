/**
 * The catalog is cut into pages at content-defined entry boundaries, so that an unchanged region is the same page in
 * the next snapshot and is not stored again. A page is a chunk in a meta pack, alone in its segment.
 */
import { hash } from 'node:crypto';
import * as z from 'zod';
import { damage } from '../errors.ts';
import { isChunkId, isRunId } from '../ids.ts';
import type { ChunkId, RunId } from '../ids.ts';
import { PACK_NUMBER_MAX } from '../keys.ts';
import { KiB, MiB, PACK_BYTES_MAX, SEGMENT_RAW_BYTES_MAX } from '../limits.ts';
import { decodePath, encodePath, encodedPathSchema } from './catalog-entry.ts';
import { comparePaths, pathToBytes } from './entry-path.ts';

export const PAGE_BYTES_MIN = 32 * KiB;
export const PAGE_BYTES_MAX = 1 * MiB;
/** Above this many bytes of references a snapshot names page lists instead of pages. */
export const PAGE_REFERENCES_BYTES_MAX = 64 * KiB;
/** Low 9 bits: one entry in 512 may end a page. */
const CUT_MASK = 0x1ff;
const LF = 0x0a;
/** The most that one UTF-16 unit comes to in UTF-8. */
const UNIT_BYTES_MAX = 3;

/** Where a page lies, and the first entry in it. */
export interface PageReference {
  readonly root: number;
  readonly path: string;
  readonly id: ChunkId;
  readonly run: RunId;
  readonly pack: number;
  /** Of the page's segment in the meta pack. */
  readonly offset: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
}

const integer = (max: number) => z.int().min(0).max(max);

/** `[root, path, id, run, pack, offset, storedBytes, rawBytes]` */
export const pageReferenceSchema = z
  .tuple([
    integer(1_000_000),
    encodedPathSchema,
    z.custom<ChunkId>((value) => typeof value === 'string' && isChunkId(value), 'not a chunk id'),
    z.custom<RunId>((value) => typeof value === 'string' && isRunId(value), 'not a run id'),
    integer(PACK_NUMBER_MAX),
    integer(PACK_BYTES_MAX),
    integer(SEGMENT_RAW_BYTES_MAX),
    integer(SEGMENT_RAW_BYTES_MAX),
  ])
  .transform(([root, path, id, run, pack, offset, storedBytes, rawBytes]): PageReference => ({
    root,
    path: decodePath(path),
    id,
    run,
    pack,
    offset,
    storedBytes,
    rawBytes,
  }));

export const encodePageReference = (page: PageReference) => [
  page.root,
  encodePath(page.path),
  page.id,
  page.run,
  page.pack,
  page.offset,
  page.storedBytes,
  page.rawBytes,
];

/** Page references as a page list holds them: one a line. */
export const encodePageList = (pages: readonly PageReference[]): Buffer =>
  Buffer.from(pages.map((page) => `${JSON.stringify(encodePageReference(page))}\n`).join(''), 'utf8');

export function decodePageList(bytes: Uint8Array, where: string): PageReference[] {
  return pageLines(bytes, where).map((line) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw damage(`${where} is damaged: a page reference is not JSON`, { cause });
    }
    const parsed = pageReferenceSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw damage(`${where} is damaged: a page reference is not valid`);
  });
}

/** The lines of a page. Throws OBJECT_DAMAGED if they are not UTF-8 or the last one is cut off. */
export function pageLines(bytes: Uint8Array, where: string): string[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw damage(`${where} is damaged: it is not UTF-8`, { cause });
  }
  const lines = text.split('\n');
  if (lines.pop() !== '') throw damage(`${where} is damaged: its last line is cut off`);
  return lines;
}

export interface CutPage {
  readonly root: number;
  readonly path: string;
  readonly bytes: Buffer;
}

/** Collects entries' lines, in the catalog's order, into pages. */
export class PageCutter {
  #page = Buffer.allocUnsafeSlow(2 * PAGE_BYTES_MIN);
  #bytes = 0;
  #first: { root: number; path: string } | undefined;

  /** Adds an entry's line (without LF), as text or as UTF-8, and returns the page that it completes, if it completes one. */
  add(root: number, path: string, line: string | Uint8Array): CutPage | undefined {
    this.#first ??= { root, path };
    if (typeof line === 'string') {
      this.#reserve(line.length * UNIT_BYTES_MAX + 1);
      this.#bytes += this.#page.write(line, this.#bytes, 'utf8');
    } else {
      this.#reserve(line.length + 1);
      this.#page.set(line, this.#bytes);
      this.#bytes += line.length;
    }
    this.#page[this.#bytes++] = LF;
    return this.#bytes >= PAGE_BYTES_MAX || (this.#bytes >= PAGE_BYTES_MIN && endsPage(path)) ? this.end() : undefined;
  }

  /** The page under way, at the end of the catalog. */
  end(): CutPage | undefined {
    if (this.#first === undefined) return undefined;
    const page = { ...this.#first, bytes: Buffer.from(this.#page.subarray(0, this.#bytes)) };
    this.#bytes = 0;
    this.#first = undefined;
    return page;
  }

  #reserve(bytes: number): void {
    if (this.#bytes + bytes <= this.#page.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#page.length, this.#bytes + bytes));
    larger.set(this.#page.subarray(0, this.#bytes));
    this.#page = larger;
  }
}

/** By SHA-256 of the path. Asked of nearly every entry: the digest as text costs a quarter of what a buffer does. */
function endsPage(path: string): boolean {
  const digest = hash('sha256', path.isWellFormed() ? path : pathToBytes(path));
  return (Number.parseInt(digest.slice(2, 4) + digest.slice(0, 2), 16) & CUT_MASK) === 0;
}

/** The catalog's order over all roots. */
export const compareEntries = (a: { root: number; path: string }, b: { root: number; path: string }): number =>
  a.root - b.root || comparePaths(a.path, b.path);
