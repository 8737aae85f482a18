/**
 * Packs in an archive are thawed before anything is restored: what that costs is decided first, then S3 is asked for
 * copies, and waited for. All that lasts is S3's: whoever restores again goes on from there.
 */
import { BackupError, canThaw, mapConcurrent, PRICES, thawOffers } from '@backup-agent/core';
import type { ObjectThawer, PackPlace, ThawOffer, ThawSpeed } from '@backup-agent/core';
import { archivedPacks, QUESTIONS_AT_ONCE } from './archived-packs.ts';
import type { ArchivedPack } from './archived-packs.ts';
import type { RestoreRun } from './restore-run.ts';

/** What has to be thawed, for whoever decides. */
export interface ThawNeed {
  readonly packs: number;
  readonly bytes: number;
  /** That the restore needs altogether. */
  readonly packsNeeded: number;
  /** How long the copies stay. */
  readonly days: number;
  /** At list prices; the cheapest first. */
  readonly offers: readonly ThawOffer[];
}

const MINUTE_MS = 60_000;
/** What was asked for in a hurry is there in minutes, all else in hours. */
const HURRY_MS = 10 * MINUTE_MS;
const POLL_MS = { hurry: MINUTE_MS / 2, later: 5 * MINUTE_MS } as const;
/** Copies that would go within a day are kept for longer: a restore can take that long. */
const LEFT_MS_MIN = 24 * 60 * MINUTE_MS;
/** A request that S3 has forgotten is made again, but not for ever. */
const ROUNDS_MAX = 3;

/** What of these packs has to be thawed; undefined: all can be read, or is on its way. */
export async function thawNeed(packs: readonly PackPlace[], run: RestoreRun): Promise<ThawNeed | undefined> {
  const archived = await archivedOf(packs, run);
  return needOf(archived.filter(isFrozen), packs.length, run);
}

/**
 * Resolves when all of these packs can be read. Throws OBJECT_ARCHIVED or STOPPED_EARLY if nobody wants them thawed or
 * waited for, CONFIG_INVALID for a speed that cannot be had, and what the store throws.
 */
export async function thawPacks(packs: readonly PackPlace[], run: RestoreRun): Promise<void> {
  const { store } = run.deps.repository;
  if (!canThaw(store)) return;
  const archived = await archivedOf(packs, run);
  if (archived.length === 0) return;
  const need = needOf(archived.filter(isFrozen), packs.length, run);
  const speed = need === undefined ? 'standard' : await chooseSpeed(need, run);
  await askFor(
    archived.filter((pack) => isFrozen(pack) || endsSoon(pack)),
    speed,
    store,
    run,
  );
  const missing = archived.filter(({ state }) => state.state !== 'readable');
  if (missing.length === 0) return;
  tellWaiting(missing, need, speed, run);
  await waitFor(missing, { speed, store, run });
}

const isFrozen = ({ state }: ArchivedPack): boolean => state.state === 'archived';
const endsSoon = ({ state }: ArchivedPack): boolean =>
  state.state === 'readable' && (state.leftMs ?? Infinity) < LEFT_MS_MIN;

async function archivedOf(packs: readonly PackPlace[], { deps }: RestoreRun): Promise<ArchivedPack[]> {
  const { store, ...repository } = deps.repository;
  return canThaw(store) && packs.length > 0 ? archivedPacks(packs, { ...repository, store }) : [];
}

function needOf(frozen: readonly ArchivedPack[], packsNeeded: number, { request }: RestoreRun): ThawNeed | undefined {
  if (frozen.length === 0) return undefined;
  const { days } = request.thaw;
  return {
    packs: frozen.length,
    bytes: frozen.reduce((sum, { bytes }) => sum + bytes, 0),
    packsNeeded,
    days,
    offers: thawOffers(frozen, days, PRICES),
  };
}

async function chooseSpeed(need: ThawNeed, { deps }: RestoreRun): Promise<ThawSpeed> {
  const speed = await deps.chooseThaw(need);
  if (need.offers.some((offer) => offer.speed === speed)) return speed;
  throw new BackupError(
    'CONFIG_INVALID',
    `--thaw ${speed}: some of the packs lie in DEEP_ARCHIVE, which knows no hurry`,
    {
      hint: `choose one of ${need.offers.map((offer) => offer.speed).join(', ')}`,
    },
  );
}

async function askFor(
  packs: readonly ArchivedPack[],
  speed: ThawSpeed,
  store: ObjectThawer,
  { request, deps }: RestoreRun,
): Promise<void> {
  const ask = ({ key }: ArchivedPack): Promise<void> => store.thaw(key, { days: request.thaw.days, speed });
  for await (const _ of mapConcurrent(packs, QUESTIONS_AT_ONCE, ask)) deps.signal.throwIfAborted();
}

function tellWaiting(
  missing: readonly ArchivedPack[],
  need: ThawNeed | undefined,
  speed: ThawSpeed,
  { request, deps }: RestoreRun,
): void {
  const offer = need?.offers.find((one) => one.speed === speed);
  const packs = missing.length === 1 ? '1 pack is' : `${missing.length} packs are`;
  const message = `${packs} being thawed${offer === undefined ? '' : `, which takes ${hoursText(offer)}`}`;
  if (!request.thaw.wait)
    throw new BackupError('STOPPED_EARLY', `nothing is restored yet: ${message}`, {
      hint: `the same command then restores; what is thawed can be read for ${request.thaw.days} days`,
    });
  deps.report({ type: 'note', message: `${message}. Interrupting is safe: the same command goes on later.` });
}

interface Waiting {
  /** At which a request that S3 has forgotten is made again. */
  readonly speed: ThawSpeed;
  readonly store: ObjectThawer;
  readonly run: RestoreRun;
}

/** S3 gives them back in no order; asking after the first that are missing costs least. */
async function waitFor(packs: readonly ArchivedPack[], { speed, store, run }: Waiting): Promise<void> {
  const { deps, request } = run;
  const forgotten = new Map<string, number>();
  let waitedMs = 0;
  let missing = packs;
  for (;;) {
    const states = await statesOfFirst(missing, store);
    for (const { key, state } of states.filter(isFrozen)) {
      const rounds = (forgotten.get(key) ?? 0) + 1;
      if (rounds > ROUNDS_MAX)
        throw new BackupError('FAILED', `${key} was asked for ${ROUNDS_MAX} times and stays ${state.state}`, { key });
      forgotten.set(key, rounds);
      await store.thaw(key, { days: request.thaw.days, speed });
    }
    const back = new Set(states.flatMap(({ key, state }) => (state.state === 'readable' ? [key] : [])));
    missing = missing.filter(({ key }) => !back.has(key));
    run.tally.thawing(packs.length - missing.length, packs.length);
    if (missing.length === 0) return;
    // All of a group are back: the next may be, too.
    if (back.size === states.length) continue;
    const pauseMs = waitedMs < HURRY_MS ? POLL_MS.hurry : POLL_MS.later;
    await deps.clock.wait(pauseMs, deps.signal);
    waitedMs += pauseMs;
  }
}

async function statesOfFirst(missing: readonly ArchivedPack[], store: ObjectThawer): Promise<ArchivedPack[]> {
  return Promise.all(
    missing.slice(0, QUESTIONS_AT_ONCE).map(async (pack) => ({ ...pack, state: await store.archiveState(pack.key) })),
  );
}

/** `5 to 12 hours`, `1 to 5 minutes`, `up to 48 hours`. */
export function hoursText({ hoursMin, hoursMax }: Pick<ThawOffer, 'hoursMin' | 'hoursMax'>): string {
  const [unit, factor] = hoursMax < 1 ? ['minutes', 60] : ['hours', 1];
  const [min, max] = [Math.round(hoursMin * factor), Math.round(hoursMax * factor)];
  return `${min === 0 ? 'up to' : `${min} to`} ${max} ${unit}`;
}
