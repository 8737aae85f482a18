/** What can be done to a run, a night or an undo that is at work. */
import type { Actor, Fault } from './actor.ts';
import { POINTS } from './cast.ts';
import type { Point } from './cast.ts';
import { pick } from './command.ts';
import type { Stage } from './stage.ts';

const PACES_MS = [1000, 1000, 0, 60_000, 300_000];
const FAULTS: readonly Fault[] = ['lost', 'answer-lost', 'late', 'late-retried', 'slow'];
/** No longer, or two that are slow would outlast the shortest margins, see docs/collection.md. */
const SLOW_MS_MAX = 15 * 60_000;
const DELAYS_MS = [1000, 60_000, 5 * 60_000, 14 * 60_000, 16 * 60_000, 30 * 60_000];
const MINUTE_MS = 60_000;

export async function goOn(stage: Stage, actor: Actor | undefined, point: Point, pace: number): Promise<void> {
  if (actor === undefined) return;
  actor.paceMs = pick(PACES_MS, pace);
  await actor.goOn(POINTS[point]);
  actor.paceMs = 1000;
  stage.reap();
}

export async function stepOnce(stage: Stage, actor: Actor | undefined, nth: number): Promise<void> {
  await actor?.step({ nth });
  stage.reap();
}

/** Its next write is lost, lands unanswered, or lands late. */
export async function writeBadly(stage: Stage, actor: Actor | undefined, fault: number, delay: number): Promise<void> {
  if (actor === undefined) return;
  const isWrite = (kind: string | undefined): boolean => kind === 'create' || kind === 'remove';
  if (!isWrite(actor.waiting[0]?.kind)) await actor.goOn(({ kind }) => isWrite(kind));
  const kind = pick(FAULTS, fault);
  const delayMs = Math.min(pick(DELAYS_MS, delay), kind === 'slow' ? SLOW_MS_MAX : Infinity);
  if (isWrite(actor.waiting[0]?.kind)) await actor.step({ fault: kind, delayMs });
  stage.reap();
}

/** Its next listing takes two requests, and time passes between them. */
export async function listSlowly(stage: Stage, actor: Actor | undefined, minutes: number): Promise<void> {
  if (actor === undefined) return;
  if (actor.waiting[0]?.kind !== 'list') await actor.goOn(({ kind }) => kind === 'list');
  if (await actor.listFirstPage()) stage.world.tally.note('listing of two pages');
  await stage.world.pass(minutes * MINUTE_MS);
  stage.reap();
}
