/** Packs, every byte: directory and footer, each segment's checksum, each chunk's hash, and what indexes say of them. */
import { hash } from 'node:crypto';
import { chunkIdOfBytes, isBackupError, mapConcurrent, readSegments } from '@backup-agent/core';
import type { BackupError, ObjectInfo, PlacedSegment, SegmentRequest } from '@backup-agent/core';
import { directoryDigest } from './check-index.ts';
import { readDirectory } from './check-packs.ts';
import type { CheckedSegment } from './check-segment.ts';
import type { ChunkBook } from './chunk-book.ts';
import { indexedSegments } from './indexed-segments.ts';
import type { SegmentChecker } from './job.ts';
import type { KnownPack } from './pack-book.ts';
import type { VerifyRun } from './verify-run.ts';

/** Each reads four ranges of at most 4 MiB ahead. */
const PACKS_AT_ONCE = 3;
const ID_BYTES = 32;

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
    try {
      for await (const { request, stored } of readSegments(this.#run.repository, requests)) {
        this.#run.progress();
        if (isBackupError(stored)) {
          await this.#noteUnread(request.segment, stored);
          continue;
        }
        await this.#checker.room();
        const check = this.#checkSegment(request.segment, stored).finally(() => checks.delete(check));
        check.catch(() => {}); // It surfaces below, or by the next `room`.
        checks.add(check);
      }
    } finally {
      await Promise.all(checks);
    }
  }

  async #checkSegment(segment: CheckedSegment, stored: Buffer): Promise<void> {
    const { counts, findings } = this.#run;
    const own = Uint8Array.from(stored); // A message takes the whole buffer along that its bytes lie in.
    const { problem, badChunks } = await this.#checker.run({ stored: own, segment }, [own.buffer]);
    counts.bytesRead += segment.storedBytes;
    counts.chunks += segment.lengths.length;
    if (problem !== undefined) findings.damage(this.#pack.key, problem);
    const bad = new Set(badChunks);
    for (let n = 0; n < segment.lengths.length; n++) this.#note(segment, n, bad.has(n));
  }

  #note(segment: CheckedSegment, n: number, isBad: boolean): void {
    const entry = this.#chunks.find(chunkIdOfBytes(segment.ids.subarray(n * ID_BYTES, (n + 1) * ID_BYTES)));
    if (entry >= 0) (isBad ? this.#lost : this.#whole).add(entry);
  }

  async #noteUnread(segment: CheckedSegment, error: BackupError): Promise<void> {
    const wasRemoved = error.code === 'OBJECT_MISSING' && !(await this.#run.isListed(this.#pack.key));
    if (!wasRemoved) this.#run.findings.damage(this.#pack.key, error);
    for (let n = 0; n < segment.lengths.length; n++) this.#note(segment, n, true);
  }
}

function asChecked({ offset, storedBytes, rawBytes, crc32, ids, lengths }: PlacedSegment): CheckedSegment {
  const offsets = new Uint32Array(lengths.length);
  for (let n = 1; n < lengths.length; n++) offsets[n] = (offsets[n - 1] as number) + (lengths[n - 1] as number);
  return { offset, storedBytes, rawBytes, crc32, ids, offsets, lengths };
}
