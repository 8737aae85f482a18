/** What a night may and must do, as numbers. Each margin has its reason in docs/collection.md. */
import { BackupError } from '../errors.ts';
import type { RunId } from '../ids.ts';
import { COMMIT_WINDOW_MS } from '../limits.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Multipart uploads that nobody completes are aborted by the bucket's lifecycle after this long. */
export const UPLOAD_ABORT_MS = 7 * DAY_MS;
/** No request of ours is under way for longer: a late one lands by then or never. */
export const REQUEST_MS_MAX = 30 * MINUTE_MS;

/** Which packs runs are made to write anew: docs/collection-figures.md has what other figures would cost. */
export interface RetiringThresholds {
  /** Packs of which less than this is live in the newest snapshots are rewritten. */
  readonly liveShareMin: number;
  /** For each byte that changes, at most so many are sent again because nights retired packs. */
  readonly resavedShareMax: number;
}

export interface NightSettings {
  /** How long a pack stays marked before it may go. */
  readonly graceMs: number;
  /** How long an unfinished run may pause and still find what it had sent. */
  readonly resumeMs: number;
  /** How long a snapshot stays after it was superseded: an agent may just be resting on it. */
  readonly supersededMs: number;
  /** Of the bytes that a device had at the start, a night removes at most this share; one pack may always go. */
  readonly removedShareMax: number;
  readonly retiring: RetiringThresholds;
  /** A device whose newest finished snapshot is older needs a person. */
  readonly staleAfterHours: number;
  /** Run records, results and reports stay this long. */
  readonly recordsMs: number;
}

/** For buckets, where runs and nights know nothing of each other. */
export const BUCKET_SETTINGS: NightSettings = {
  graceMs: DAY_MS,
  resumeMs: 14 * DAY_MS,
  supersededMs: HOUR_MS,
  removedShareMax: 0.2,
  retiring: { liveShareMin: 0.7, resavedShareMax: 0.52 },
  staleAfterHours: 72,
  recordsMs: 400 * DAY_MS,
};

/** For local folders, where runs and nights of a device exclude each other by the run lock. */
export const FOLDER_SETTINGS: NightSettings = { ...BUCKET_SETTINGS, graceMs: 0 };

/** Throws CONFIG_INVALID for margins that would not protect what they are there to protect. */
export function checkNightSettings(settings: NightSettings, { isLocked }: { readonly isLocked: boolean }): void {
  const refuse = (message: string, hint: string): never => {
    throw new BackupError('CONFIG_INVALID', message, { hint });
  };
  if (!isLocked && settings.graceMs <= COMMIT_WINDOW_MS + REQUEST_MS_MAX)
    refuse('the grace of collection is too short: a run may still be committing', 'choose more than 45 minutes');
  if (settings.resumeMs <= UPLOAD_ABORT_MS)
    refuse('unfinished runs are given up before their uploads are', 'choose more than 7 days');
  if (!(settings.removedShareMax > 0 && settings.removedShareMax <= 1))
    refuse('a night removes a share between 0 and 1', 'choose 0.2');
}

/** One maintenance of a device. */
export interface Night {
  /** Chosen by whoever starts it; a name only. */
  readonly id: RunId;
  readonly settings: NightSettings;
  /** Whether its result is stored, for the report of the fleet. */
  readonly isReported: boolean;
  /** Store time at which the first delivery of this night began, if this may be another one. */
  readonly began?: Date;
}
