/**
 * Which stored chunks this machine knows to be damaged: what `verify` found in packs that are there, so that runs rest
 * nothing on them and save them anew (docs/decisions/0015-healing.md). A cache: without it a run takes these chunks for
 * stored again, until the next `verify`.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { isChunkId, isNodeError, isSnapshotName, makeFolders } from '@backup-agent/core';
import type { ChunkId, DamagedChunks, SnapshotName } from '@backup-agent/core';

/** More chunks are not noted; the next `verify` finds the others. */
const CHUNKS_MAX = 100_000;
/** So many snapshots are remembered as sound: of each set of folders only the newest counts. */
const SOUND_MAX = 50;

export interface DamageNote {
  readonly packs: DamagedChunks;
  /** Chunks that no file had any more when it was said what that costs. */
  readonly told: ReadonlySet<ChunkId>;
  /** Snapshots made by runs that knew all this: they name none of these places. */
  readonly sound: readonly SnapshotName[];
}

/** What a verification knows of a pack. */
export interface VerifiedPack {
  /** As packText writes it. */
  readonly pack: string;
  /** Whether every byte of it was read, so that what is not lost is whole. */
  readonly isRead: boolean;
  readonly lost: readonly ChunkId[];
}

export const NO_DAMAGE: DamageNote = { packs: new Map(), told: new Set(), sound: [] };

export const damageFile = (stateFolder: string): string => path.join(stateFolder, 'damaged.json');

/** The note after a verification: packs that were read are as it says, others at least as bad. */
export function afterVerify(note: DamageNote, verified: readonly VerifiedPack[]): DamageNote {
  const packs = new Map(note.packs);
  let room = CHUNKS_MAX - [...packs.values()].reduce((sum, { size }) => sum + size, 0);
  let isNew = false;
  for (const { pack, isRead, lost } of verified) {
    const before = packs.get(pack) ?? new Set<ChunkId>();
    const now = new Set(lost);
    const added = lost.filter((id) => !before.has(id)).slice(0, Math.max(0, room));
    const kept = isRead ? [...before].filter((id) => now.has(id)) : [...before];
    room -= added.length + kept.length - before.size;
    isNew ||= added.length > 0;
    if (added.length + kept.length > 0) packs.set(pack, new Set([...kept, ...added]));
    else packs.delete(pack);
  }
  return forgetful({ packs, told: note.told, sound: isNew ? [] : note.sound });
}

/** What is known of packs that are there: others hold nothing, damaged or not. */
export function onlyIn(note: DamageNote, isThere: (pack: string) => boolean): DamageNote {
  return forgetful({ ...note, packs: new Map([...note.packs].filter(([pack]) => isThere(pack))) });
}

/** The note after a commit. */
export function afterCommit(
  note: DamageNote,
  commit: { readonly snapshot: SnapshotName; readonly told: Iterable<ChunkId> },
): DamageNote {
  const sound = [commit.snapshot, ...note.sound].slice(0, SOUND_MAX);
  return forgetful({ packs: note.packs, told: new Set([...note.told, ...commit.told]), sound });
}

export const hasDamage = (note: DamageNote): boolean => note.packs.size > 0;

function forgetful({ packs, told, sound }: DamageNote): DamageNote {
  const noted = new Set([...packs.values()].flatMap((ids) => [...ids]));
  return noted.size === 0 ? NO_DAMAGE : { packs, told: new Set([...told].filter((id) => noted.has(id))), sound };
}

const noteSchema = z.object({
  version: z.literal(1),
  packs: z.record(z.string(), z.array(z.string().refine(isChunkId))),
  told: z.array(z.string().refine(isChunkId)),
  sound: z.array(z.string().refine(isSnapshotName)),
});

/** No damage is known where there is no file, or one that cannot be understood. */
export function readDamageNote(file: string): DamageNote {
  try {
    const parsed = noteSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (!parsed.success) return NO_DAMAGE;
    const { packs, told, sound } = parsed.data;
    const byPack = Object.entries(packs).map(([pack, ids]) => [pack, new Set(ids)] as const);
    return { packs: new Map(byPack), told: new Set(told), sound };
  } catch (error) {
    if (isNodeError(error) || error instanceof SyntaxError) return NO_DAMAGE;
    throw error;
  }
}

/** Whole or not at all; a note of nothing is no file. Throws Node's errors. */
export function writeDamageNote(file: string, note: DamageNote): void {
  if (!hasDamage(note)) return rmSync(file, { force: true });
  const text = noteText(note);
  makeFolders(path.dirname(file), 0o700);
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

const noteText = ({ packs, told, sound }: DamageNote): string =>
  JSON.stringify({
    version: 1,
    packs: Object.fromEntries([...packs].map(([pack, ids]) => [pack, [...ids]])),
    told: [...told],
    sound,
  });

/** Whether both know the same damaged places. */
export const isSameDamage = (a: DamageNote, b: DamageNote): boolean =>
  noteText({ ...a, told: new Set(), sound: [] }) === noteText({ ...b, told: new Set(), sound: [] });
