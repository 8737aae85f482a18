/** Who is at work: runs, nights and undos, each in a slot of its device. */
import { isBackupError } from '../../../src/index.ts';
import type { Repository, RunId } from '../../../src/index.ts';
import { maintainDevice } from '../../../src/maintenance/maintain-device.ts';
import { undoNight } from '../../../src/maintenance/undo-night.ts';
import { Actor } from './actor.ts';
import type { Request } from './actor.ts';
import { backUp } from './backup.ts';
import type { BackupPlan } from './backup.ts';
import type { Device, World } from './world.ts';

export interface Night {
  readonly id: RunId;
  readonly actor: Actor;
  hasTime: boolean;
}

const repositoryOf = (device: Device, { store }: Actor) =>
  ({ store, device: device.id, voidRule: true }) as const satisfies Repository;

export async function startRun(world: World, device: Device, plan: Omit<BackupPlan, 'run'>): Promise<Actor> {
  const run = world.newId(device.clockMs);
  const roots = plan.roots.join();
  const journal = device.journals.get(roots) ?? new Map();
  device.journals.set(roots, journal);
  const actor = new Actor(`run ${run.slice(-4)}`, world).run((self) =>
    backUp(
      { ...plan, run },
      {
        repository: repositoryOf(device, self),
        disk: device.disk,
        journal,
        content: device.content,
        tally: world.tally,
        pause: () => self.pause(),
        expect: (key, content) => void world.ledger.expected.set(key, content),
      },
    ),
  );
  await actor.settle();
  return actor;
}

/** `again`: another delivery of that night. */
export async function startNight(world: World, device: Device, again?: RunId): Promise<Night> {
  const id = again ?? world.newId();
  const actor = new Actor(`night ${id.slice(-4)}`, world);
  const night: Night = { id, actor, hasTime: true };
  actor.run(() =>
    maintainDevice(
      repositoryOf(device, actor),
      { id, settings: world.settings, isReported: true },
      { hasTime: () => night.hasTime },
    ),
  );
  await actor.settle();
  return night;
}

export async function startUndo(world: World, device: Device, night: RunId): Promise<Actor> {
  world.undoBegan = world.now;
  const actor = new Actor(`undo of ${night.slice(-4)}`, world).run((self) =>
    undoNight(repositoryOf(device, self), night, {
      by: 'administrator',
      now: new Date(world.now),
      random: (bytes) => world.random(bytes),
      wait: (ms) => self.pause(ms),
    }),
  );
  await actor.settle();
  return actor;
}

/** Ends that are no mistake of the code: the store's failures, the night's time, chains that others keep extending. */
export function unexpectedEnd({ name, outcome }: Actor): string | undefined {
  if (outcome === undefined || !('error' in outcome)) return undefined;
  const { error } = outcome;
  if (isBackupError(error, 'STORE_UNREACHABLE', 'STOPPED_EARLY', 'COMMIT_GIVEN_UP', 'CONFIG_INVALID', 'FAILED'))
    return undefined;
  return `${name} ended with ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** Where an actor may be left: before its next request of this sort. */
export const POINTS = {
  'list marks': at('list', '/marks/'),
  'list packs': at('list', '/data/'),
  'look at the device': ({ kind, key }) => kind === 'list' && /^v1\/devices\/[^/]+\/$/.test(key),
  'put pack': at('create', '/data/', '/meta/'),
  'put index': at('create', '/index/'),
  'list snapshots': at('list', '/snapshots/'),
  'put snapshot': at('create', '/snapshots/'),
  'look for snapshot': ({ kind, key }) => kind === 'list' && key.endsWith('.json') && key.includes('/snapshots/'),
  'put record': at('create', '/runs/'),
  'put marks': at('create', '/marks/'),
  'remove snapshot': at('remove', '/snapshots/'),
  'remove pack': at('remove', '/data/', '/meta/'),
  'remove index': at('remove', '/index/'),
  'put result': at('create', '/nights/'),
  undelete: ({ kind }) => kind === 'undelete',
  end: () => false,
} satisfies Record<string, (request: Request) => boolean>;
export type Point = keyof typeof POINTS;

function at(kind: Request['kind'], ...parts: string[]) {
  return (request: Request): boolean => request.kind === kind && parts.some((part) => request.key.includes(part));
}
