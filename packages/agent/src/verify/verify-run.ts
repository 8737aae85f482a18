/** One verification under way: what it found and how far it has come. */
import { isBackupError } from '@backup-agent/core';
import type { BackupError, ObjectInfo, ObjectKey, Repository } from '@backup-agent/core';
import { Findings } from './finding.ts';
import type { VerifyDeps, VerifyRequest } from './job.ts';

/** Progress is told at most so often, ms. */
const PROGRESS_MS = 100;

export class VerifyRun {
  readonly request: VerifyRequest;
  readonly deps: VerifyDeps;
  readonly findings = new Findings();
  readonly counts = {
    objects: 0,
    snapshots: 0,
    indexSegments: 0,
    packs: 0,
    pages: 0,
    entries: 0,
    packsRead: 0,
    packsArchived: 0,
    bytesRead: 0,
    chunks: 0,
  };
  /** Of the packs to be read; undefined before they are chosen. */
  bytesTotal: number | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(request: VerifyRequest, deps: VerifyDeps) {
    this.request = request;
    this.deps = deps;
  }

  get repository(): Repository {
    return this.deps.repository;
  }

  /** The object's bytes; undefined if it is damaged, which is a finding, or was removed since it was listed. */
  async readObject({ key }: Pick<ObjectInfo, 'key'>, bytesMax: number): Promise<Buffer | undefined> {
    try {
      return await this.repository.store.read(key as ObjectKey, bytesMax);
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
      if (error.code === 'OBJECT_DAMAGED' || (await this.isListed(key))) this.findings.damage(key, error);
      return undefined;
    }
  }

  /** What `decode` gives; undefined if the object is damaged, or of a version that this program does not know. */
  decode<T>(key: string, decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!isBackupError(error)) throw error;
      this.tell(key, error);
      return undefined;
    }
  }

  /** Makes a finding of damage, a note of an unknown version or what must be thawed; throws every other error. */
  tell(key: string, error: BackupError): void {
    if (error.code === 'OBJECT_DAMAGED' || error.code === 'OBJECT_MISSING') this.findings.damage(key, error);
    else if (error.code === 'FORMAT_UNKNOWN' || error.code === 'OBJECT_ARCHIVED')
      this.findings.note(key, `${error.message}; it was not checked`);
    else throw error;
  }

  async isListed(key: string): Promise<boolean> {
    return (await this.repository.store.list(key)).objects.some((object) => object.key === key);
  }

  progress(): void {
    this.deps.signal.throwIfAborted();
    const now = this.deps.clock.elapsed();
    if (now - this.#toldAt < PROGRESS_MS) return;
    this.#toldAt = now;
    const { entries, bytesRead } = this.counts;
    this.deps.report({
      type: 'progress',
      phase: 'verify',
      files: entries,
      bytes: bytesRead,
      ...(this.bytesTotal === undefined ? {} : { filesTotal: entries, bytesTotal: this.bytesTotal }),
      bytesMoved: bytesRead,
    });
  }
}
