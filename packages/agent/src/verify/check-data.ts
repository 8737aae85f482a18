/** Packs, every byte: directory and footer, each segment's checksum, each chunk's hash, and what indexes say of them. */
import { hash } from 'node:crypto';
import { coalesce, isBackupError, mapConcurrent } from '@backup-agent/core';
import type { BackupError, ObjectInfo, PlacedSegment, SegmentRequest } from '@backup-agent/core';
import { directoryDigest } from './check-index.ts';
import { readDirectory } from './check-packs.ts';
import type { CheckRequest, CheckedSegment } from './check-segments.ts';
import type { ChunkBook } from './chunk-book.ts';
import { indexedSegments } from './indexed-segments.ts';
import type { SegmentChecker } from './job.ts';
import type { KnownPack } from './pack-book.ts';
import type { VerifyRun } from './verify-run.ts';

const PACKS_AT_ONCE = 2;
/** Of each pack; a range is at most 4 MiB, or one segment. */
const RANGES_AT_ONCE = 3;

export async function checkData(run: VerifyRun, packs: readonly KnownPack[], chunks: ChunkBook): Promise<void> {
  const chosen = choosePacks(run, packs);
  if (chosen.length === 0) return;
  run.bytesTotal = chosen.reduce((sum, { listed }) => sum + (listed?.bytes ?? 0), 0);
  const checker = run.deps.openChecker();
  try {
    const check = (pack: KnownPack) => new PackCheck(run, pack, chunks, checker).check();
    const checks = mapConcurrent(inOrder(chosen), PACKS_AT_ONCE, check);
    for await (const _ of checks) run.progress();
  } finally {
    await checker.close();
  }
}

/** A share of the packs that are there: at random, whole packs only. */
function choosePacks({ request, deps }: VerifyRun, packs: readonly KnownPack[]): KnownPack[] {
  if (request.dataShare >= 1) return [...packs];
  const count = Math.min(packs.length, Math.ceil(packs.length * request.dataShare));
  if (count === 0) return [];
  const seed = Buffer.from(deps.random(16)).toString('hex');
  const drawn = packs.map((pack) => ({ pack, lot: hash('sha256', `${seed} ${pack.key}`) }));
  drawn.sort((a, b) => (a.lot < b.lot ? -1 : 1));
  return drawn.slice(0, count).map(({ pack }) => pack);
}

const inOrder = (packs: readonly KnownPack[]): KnownPack[] => [...packs].sort((a, b) => (a.key < b.key ? -1 : 1));

interface WantedSegment extends SegmentRequest {
  readonly segment: CheckedSegment;
}

class PackCheck {
  readonly #run: VerifyRun;
  readonly #pack: KnownPack;
  readonly #chunks: ChunkBook;
  readonly #checker: SegmentChecker;
  readonly #lost = new Set<number>();
  readonly #whole = new Set<number>();

  constructor(run: VerifyRun, pack: KnownPack, chunks: ChunkBook, checker: SegmentChecker) {
    this.#run = run;
    this.#pack = pack;
    this.#chunks = chunks;
    this.#checker = checker;
  }

  async check(): Promise<void> {
    const { counts } = this.#run;
    const directory = await readDirectory(this.#run, this.#pack);
    if (directory !== undefined) this.#compareWithIndex(directory);
    const segments = directory?.map(asChecked) ?? (await indexedSegments(this.#run, this.#pack));
    // A pack without any word on what is in it is as good as lost.
    if (segments === undefined) {
      this.#pack.loss = 'all';
      return;
    }
    await this.#checkSegments(segments);
    counts.packsRead++;
    this.#pack.isRead = true;
    const end = (this.#pack.listed?.bytes ?? 0) - segments.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    counts.bytesRead += Math.max(0, end);
    for (const entry of this.#whole) this.#lost.delete(entry);
    this.#pack.loss = this.#lost.size === 0 ? 'nothing' : this.#lost;
  }

  /** Where both are undamaged and contradict each other, the pack is right: its chunks are checked against it. */
  #compareWithIndex(directory: readonly PlacedSegment[]): void {
    const { tellers, listed, key } = this.#pack;
    if (tellers.length === 0) return;
    const digest = directoryDigest(this.#pack, listed as ObjectInfo, directory);
    for (const teller of tellers)
      if (teller.digest !== digest) this.#run.findings.damage(teller.key, `it contradicts the directory of ${key}`);
  }

  async #checkSegments(segments: readonly CheckedSegment[]): Promise<void> {
    const { kind, run, number } = this.#pack;
    const requests = segments.map((segment): WantedSegment => ({
      pack: { kind, run, number },
      segmentOffset: segment.offset,
      storedBytes: segment.storedBytes,
      segment,
    }));
    const checks = new Set<Promise<void>>();
    const read = (range: readonly WantedSegment[]) => this.#read(range.map(({ segment }) => segment));
    try {
      for await (const ranges of mapConcurrent(coalesce(requests), RANGES_AT_ONCE, read)) {
        for (const range of ranges) {
          this.#run.progress();
          await this.#checker.room();
          const check = this.#checkRange(range).finally(() => checks.delete(check));
          check.catch(() => {}); // It surfaces below, or by the next `room`.
          checks.add(check);
        }
      }
    } finally {
      await Promise.all(checks);
    }
  }

  /** Segments that lie in one range: what can be read of them, as few ranges. */
  async #read(segments: readonly CheckedSegment[]): Promise<readonly CheckRequest[]> {
    const [first, last] = [segments[0] as CheckedSegment, segments.at(-1) as CheckedSegment];
    const start = first.offset;
    try {
      const length = last.offset + last.storedBytes - start;
      const bytes = await this.#run.repository.store.readRange(this.#pack.key, start, length);
      return [{ stored: bytes, start, segments }];
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
      if (segments.length === 1 || error.code === 'OBJECT_MISSING') {
        await this.#noteUnread(segments, error);
        return [];
      }
      // The pack ends before the range does: what lies before its end can still be read.
      const parts: CheckRequest[] = [];
      for (const segment of segments) parts.push(...(await this.#read([segment])));
      return parts;
    }
  }

  async #checkRange({ stored, start, segments }: CheckRequest): Promise<void> {
    const { counts, findings } = this.#run;
    const own = ownBytes(stored);
    const problems = await this.#checker.run({ stored: own, start, segments }, [own.buffer]);
    for (const { what } of problems) findings.damage(this.#pack.key, what);
    const bad = new Map(problems.map(({ segment, badChunks }) => [segment, new Set(badChunks)]));
    for (const [i, segment] of segments.entries()) {
      counts.bytesRead += segment.storedBytes;
      counts.chunks += segment.lengths.length;
      for (let n = 0; n < segment.lengths.length; n++) this.#note(segment, n, bad.get(i)?.has(n) === true);
    }
  }

  #note(segment: CheckedSegment, n: number, isBad: boolean): void {
    const entry = this.#chunks.findAt(segment.ids, n);
    if (entry >= 0) (isBad ? this.#lost : this.#whole).add(entry);
  }

  async #noteUnread(segments: readonly CheckedSegment[], error: BackupError): Promise<void> {
    const wasRemoved = error.code === 'OBJECT_MISSING' && !(await this.#run.isListed(this.#pack.key));
    if (!wasRemoved) this.#run.findings.damage(this.#pack.key, error);
    for (const segment of segments) for (let n = 0; n < segment.lengths.length; n++) this.#note(segment, n, true);
  }
}

/** Bytes that can move to another thread without taking anything else along. */
const ownBytes = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && bytes.buffer.byteLength === bytes.length
    ? new Uint8Array(bytes.buffer)
    : Uint8Array.from(bytes);

function asChecked({ offset, storedBytes, rawBytes, crc32, ids, lengths }: PlacedSegment): CheckedSegment {
  const offsets = new Uint32Array(lengths.length);
  for (let n = 1; n < lengths.length; n++) offsets[n] = (offsets[n - 1] as number) + (lengths[n - 1] as number);
  return { offset, storedBytes, rawBytes, crc32, ids, offsets, lengths };
}
