/**
 * Everything stops; resumeDays and twice the grace pass; then nights alone. Nothing unreferenced may be left after as
 * many of them as the limit on what a night removes implies.
 */
import { readSnapshots } from '../../../src/index.ts';
import type { Stage } from './stage.ts';
import { NIGHT_SLOTS } from './stage.ts';
import { nightAtOnce } from './night-commands.ts';
import { backUpAtOnce } from './run-commands.ts';
import { FIRST_POLICY } from './world-commands.ts';
import type { Device } from './world.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** One to expire and mark, one to remove, one for what a slow one had left. */
const NIGHTS_WITHOUT_LIMIT = 3;
const SEGMENTS_MAX = 8;
/** After so long the first policy keeps nothing for its age. */
const POLICY_MS = 2 * DAY_MS;

export async function quiesce(stage: Stage): Promise<void> {
  const { world } = stage;
  stage.say('everything stops, quiet nights follow');
  stage.runs.fill(undefined);
  stage.nights.fill(undefined);
  stage.undo = undefined;
  await world.pass(HOUR_MS); // All that is in flight lands.
  await world.words.policy(FIRST_POLICY);
  for (const device of world.devices) await settleWords(stage, device);
  await world.pass(Math.max(POLICY_MS, world.settings.resumeMs + 2 * world.settings.graceMs));
  for (const device of world.devices) await collect(stage, device);
  await checkAll(stage);
  for (const [slot, device] of [[0, 0] as const, [2, 1] as const]) {
    world.device(device).disk.locked.clear();
    world.device(device).disk.missingRoots.clear();
    const before = world.tally.counts.get('committed') ?? 0;
    await backUpAtOnce(stage, slot, 0, 0);
    if ((world.tally.counts.get('committed') ?? 0) === before)
      world.ledger.fail(`no run of ${device} commits any more`);
  }
  await checkAll(stage);
}

/** Nobody is held; pins stay: what is pinned is referenced. */
async function settleWords({ world }: Stage, device: Device): Promise<void> {
  if (world.words.heldSince(device.id) !== undefined) await world.words.hold(device.id, 'released');
}

async function collect(stage: Stage, { id }: Device): Promise<void> {
  const { world } = stage;
  const slot = NIGHT_SLOTS.findIndex((number) => world.device(number).id === id);
  const nights = nightsImplied(stage, id);
  for (let night = 0; night < nights; night++) {
    await nightAtOnce(stage, slot);
    await world.pass(Math.max(DAY_MS, world.settings.graceMs));
  }
  const left = world.ledger.unreferenced(id);
  if (left.length > 0) world.ledger.fail(`${left.length} packs are left for ever, after ${nights} nights: ${left[0]}`);
  const segments = world.ledger.indexSegments(id).length;
  if (segments > SEGMENTS_MAX) world.ledger.fail(`${segments} index segments are left`);
  world.tally.note('quiesced');
}

/** A night removes its share of the bytes but for less than the largest pack, and one pack in any case. */
function nightsImplied({ world }: Stage, device: string): number {
  const share = world.settings.removedShareMax;
  if (share === 1) return NIGHTS_WITHOUT_LIMIT;
  const sizes = [...world.ledger.packs].filter(([key]) => key.startsWith(`v1/devices/${device}/`)).map(([, b]) => b);
  const [largest, smallest] = [Math.max(0, ...sizes), Math.min(...sizes)];
  let left = sizes.reduce((sum, bytes) => sum + bytes, 0);
  let nights = NIGHTS_WITHOUT_LIMIT;
  for (; left > 0; nights++) left -= Math.max(smallest, share * left - largest);
  return nights;
}

/** What readers see is what the ledger took down, and each of it restores. */
export async function checkAll({ world }: Pick<Stage, 'world'>): Promise<void> {
  const { ledger, store } = world;
  for (const { id: device } of world.devices) {
    const { valid, damaged } = await readSnapshots({ store, device, voidRule: true });
    if (damaged.length > 0) ledger.fail(`${damaged[0]?.key} cannot be read`);
    const seen = valid.map(({ key }) => key as string).sort();
    const known = ledger.validKeys(device);
    if (seen.join() !== known.join()) ledger.fail(`readers see ${seen.join()}, not ${known.join()}`);
  }
  for (const key of ledger.snapshots.keys()) await ledger.restores(key);
}
