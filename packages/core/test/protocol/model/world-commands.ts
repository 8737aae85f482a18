/** Time, people and their disks. */
import { PATHS } from './disk.ts';
import { pick } from './command.ts';
import type { CommandKind } from './command.ts';
import { nightAtOnce } from './night-commands.ts';
import { backUpAtOnce } from './run-commands.ts';
import type { Stage } from './stage.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const POLICIES = [
  { keepWithinDays: 1, keepLast: 1 },
  { keepWithinDays: 3, keepLast: 1 },
  { keepWithinDays: 1, keepLast: 2, keepDaily: 2 },
  { keepWithinDays: 20, keepLast: 3 },
];
const CLOCKS_MS = [0, 3 * DAY_MS, -3 * DAY_MS, 30 * DAY_MS, -30 * DAY_MS, 14 * MINUTE_MS];

export const WORLD_COMMANDS: readonly CommandKind[] = [
  {
    kind: 'minutes pass',
    weight: 4,
    max: [40, 0, 0],
    perform: (stage, { a }) => stage.world.pass((a + 1) * MINUTE_MS),
  },
  { kind: 'hours pass', weight: 4, max: [26, 0, 0], perform: (stage, { a }) => stage.world.pass((a + 1) * HOUR_MS) },
  { kind: 'days pass', weight: 1.5, max: [15, 0, 0], perform: (stage, { a }) => stage.world.pass((a + 1) * DAY_MS) },
  { kind: 'usual days', weight: 1.5, max: [1, 3, 1], perform: (stage, { a, b, c }) => usualDays(stage, a + 1, b, c) },
  {
    kind: 'file changes',
    weight: 5,
    max: [1, PATHS.length - 1, 5],
    perform: async ({ world }, { a, b, c }) => Promise.resolve(world.device(a).disk.write(pick(PATHS, b), c)),
  },
  {
    kind: 'file vanishes',
    weight: 1,
    max: [1, PATHS.length - 1, 0],
    perform: async ({ world }, { a, b }) => Promise.resolve(void world.device(a).disk.files.delete(pick(PATHS, b))),
  },
  {
    kind: 'file is locked or free',
    weight: 3,
    max: [1, PATHS.length - 1, 2],
    perform: async ({ world }, { a, b, c }) => {
      const { locked } = world.device(a).disk;
      return Promise.resolve(c === 0 ? void locked.delete(pick(PATHS, b)) : void locked.add(pick(PATHS, b)));
    },
  },
  {
    kind: 'disk is gone or back',
    weight: 1,
    max: [1, 1, 0],
    perform: async ({ world }, { a, b }) =>
      Promise.resolve(toggle(world.device(a).disk.missingRoots, pick(['/a', '/b'], b))),
  },
  {
    kind: 'clock jumps',
    weight: 1,
    max: [1, CLOCKS_MS.length - 1, 0],
    perform: async ({ world }, { a, b }) => {
      world.device(a).clockMs = pick(CLOCKS_MS, b);
      return Promise.resolve();
    },
  },
  {
    kind: 'policy changes',
    weight: 1,
    max: [POLICIES.length - 1, 0, 0],
    perform: ({ world }, { a }) => world.words.policy(pick(POLICIES, a)),
  },
  {
    kind: 'hold is set or cleared',
    weight: 1.5,
    max: [1, 2, 0],
    perform: ({ world }, { a, b }) => world.words.hold(world.device(a).id, b === 0 ? 'held' : 'released'),
  },
  {
    kind: 'snapshot is pinned or not',
    weight: 1,
    max: [4, 2, 0],
    perform: async ({ world }, { a, b }) => {
      const snapshots = [...world.ledger.snapshots.values()];
      const { snapshot } = snapshots[a % Math.max(1, snapshots.length)] ?? {};
      if (snapshot !== undefined)
        await world.words.pin(snapshot.device, snapshot.name, b === 0 ? 'pinned' : 'unpinned');
    },
  },
  {
    kind: 'late write lands',
    weight: 1,
    max: [0, 0, 0],
    perform: async ({ world }) => {
      const [first] = world.inFlight;
      if (first !== undefined) await world.pass(Math.max(0, first.due - world.now));
    },
  },
];

export const FIRST_POLICY = POLICIES[0] as (typeof POLICIES)[number];

function toggle(set: Set<string>, value: string): void {
  if (!set.delete(value)) set.add(value);
}

/** Each day a file changes, a run backs up and a night follows, whatever else is at work. */
export async function usualDays(stage: Stage, days: number, roots: number, device: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    stage.world.device(device).disk.write(pick(PATHS, day + roots), day % 4);
    await backUpAtOnce(stage, device === 0 ? 1 : 2, roots, 1);
    await stage.world.pass(14 * HOUR_MS);
    await nightAtOnce(stage, device === 0 ? 2 : 3);
    await stage.world.pass(10 * HOUR_MS);
  }
}
