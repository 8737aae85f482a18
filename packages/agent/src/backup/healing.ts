/**
 * What a run makes good of the damage that is known on this machine, and what it cannot: chunks that are noted as
 * damaged count as not stored, so files that still have them are read and save them anew. Earlier versions of files that
 * do not are lost, and named.
 */
import { ID_BYTES, chunkIdOfBytes, findChunk, isNodeError } from '@backup-agent/core';
import type { CatalogEntry, ChunkId, ChunkTable, DamagedChunks, SnapshotName, UsablePacks } from '@backup-agent/core';
import { afterCommit, hasDamage, isSameDamage, onlyIn, readDamageNote, writeDamageNote } from '../state/damage-note.ts';
import type { DamageNote } from '../state/damage-note.ts';
import type { BackupRun } from './backup-run.ts';
import type { WrittenPack } from './pack-writer.ts';
import type { TreeBase } from './tree-base.ts';

/** An earlier version of a file. */
interface Suspect {
  readonly root: number;
  readonly entry: CatalogEntry;
}

export interface LostVersion {
  readonly root: number;
  readonly path: string;
}

export interface Healed {
  /** Damaged chunks that this run has stored anew. */
  readonly count: number;
  /** Of files that do not have them any more: said for the first time. */
  readonly versions: readonly LostVersion[];
  readonly told: ReadonlySet<ChunkId>;
}

export class Healing {
  /** Of packs that are there. */
  readonly note: DamageNote;
  readonly #noted: ReadonlySet<ChunkId>;
  #suspects: Suspect[] = [];

  constructor(note: DamageNote, packs: UsablePacks) {
    this.note = onlyIn(note, (pack) => packs.usable.has(pack) || packs.marked.has(pack));
    this.#noted = new Set([...this.note.packs.values()].flatMap((ids) => [...ids]));
  }

  get damaged(): DamagedChunks {
    return this.note.packs;
  }

  /** Whether nothing that this snapshot names can be in a place that is known to be damaged. */
  isSound(snapshot: SnapshotName): boolean {
    return !hasDamage(this.note) || this.note.sound.includes(snapshot);
  }

  /** Hears of each file of earlier catalogs, under the root that the run gives it. */
  consider(root: number, entry: CatalogEntry): void {
    if (this.#noted.size === 0 || entry.kind !== 'file') return;
    const isSuspect = entry.lists !== undefined || (entry.chunks ?? []).some((id) => this.#noted.has(id));
    if (isSuspect) this.#suspects.push({ root, entry });
  }

  /**
   * How the run has ended, once it has committed. `table`: of what lay in usable packs; `listIds`: of a list of chunk
   * ids, undefined if it is lost.
   */
  async outcome(
    table: ChunkTable,
    written: readonly WrittenPack[],
    listIds: (list: ChunkId) => Promise<readonly ChunkId[] | undefined>,
  ): Promise<Healed> {
    if (this.#noted.size === 0) return { count: 0, versions: [], told: new Set() };
    const saved = this.#notedIn(written);
    const isThere = (id: ChunkId): boolean => saved.has(id) || findChunk(table, Buffer.from(id, 'hex')) >= 0;
    const versions = new Map<string, LostVersion>();
    const told = new Set<ChunkId>();
    for (const { root, entry } of this.#suspects) {
      const ids = [...(entry.chunks ?? []), ...(entry.lists ?? [])];
      for (const list of entry.lists ?? []) ids.push(...((await listIds(list)) ?? []));
      const lost = ids.filter((id) => this.#noted.has(id) && !isThere(id));
      if (lost.some((id) => !this.note.told.has(id))) versions.set(`${root} ${entry.path}`, { root, path: entry.path });
      for (const id of lost) told.add(id);
    }
    return { count: saved.size, versions: [...versions.values()], told };
  }

  #notedIn(written: readonly WrittenPack[]): ReadonlySet<ChunkId> {
    const noted = new Set<ChunkId>();
    for (const { ids } of written.flatMap(({ segments }) => segments)) {
      for (let at = 0; at < ids.length; at += ID_BYTES) {
        const id = chunkIdOfBytes(ids.subarray(at, at + ID_BYTES));
        if (this.#noted.has(id)) noted.add(id);
      }
    }
    return noted;
  }
}

/** Says what the run has made good and what it could not, once it has committed, and keeps the note of damage. */
export async function keepHealed(run: BackupRun, base: TreeBase, snapshot: SnapshotName): Promise<void> {
  const { healing } = base;
  const { damageFile, report } = run.deps;
  let told: ReadonlySet<ChunkId> = new Set();
  // A snapshot that rests on one that is sound needs nothing of what is damaged.
  if (hasDamage(healing.note) && base.wholeSnapshot(run.job.roots) === undefined) {
    const table = await base.table();
    const healed = await healing.outcome(table, run.written, (list) => base.listIfWhole([table], list));
    for (const { root, path } of healed.versions) run.noteProblem(root, path, LOST_VERSION);
    if (healed.count > 0)
      report({ type: 'note', message: `What was stored damaged was saved anew (chunks: ${healed.count}).` });
    ({ told } = healed);
  }
  try {
    const now = readDamageNote(damageFile);
    const there = onlyIn(now, (pack) => base.packs.usable.has(pack) || base.packs.marked.has(pack));
    // A verification that ran meanwhile may have found more than this run knew.
    if (!isSameDamage(there, healing.note)) return;
    if (hasDamage(now)) writeDamageNote(damageFile, afterCommit(there, { snapshot, told }));
  } catch (error) {
    if (!isNodeError(error)) throw error;
    report({ type: 'warning', message: `${damageFile} cannot be written: ${error.message}` });
  }
}

const LOST_VERSION = 'an earlier version of it was stored, is damaged, and the file has changed since: it is lost';
