/** A world with its slots: two runs and three nights of one device at a time, one of each of another. */
import type { RunId } from '../../../src/index.ts';
import { nightResultKey } from '../../../src/index.ts';
import type { NightSettings } from '../../../src/maintenance/night.ts';
import type { Actor } from './actor.ts';
import type { BackupPlan } from './backup.ts';
import { startNight, startRun, startUndo, unexpectedEnd } from './cast.ts';
import type { Night } from './cast.ts';
import { World } from './world.ts';
import type { Device } from './world.ts';

const RUN_SLOTS = [0, 0, 1] as const;
export const NIGHT_SLOTS = [0, 0, 0, 1] as const;

export class Stage {
  readonly world: World;
  readonly runs: (Actor | undefined)[] = RUN_SLOTS.map(() => undefined);
  readonly nights: (Night | undefined)[] = NIGHT_SLOTS.map(() => undefined);
  undo: Actor | undefined;
  /** Of each slot the last night that began there. */
  readonly nightIds: (RunId | undefined)[] = [];
  /** What happened, for whoever reads a failure. */
  readonly log: string[] = [];

  constructor(settings: Partial<NightSettings> = {}) {
    this.world = new World(settings);
  }

  say(what: string): void {
    this.log.push(`${new Date(this.world.now).toISOString().slice(5, 19)}  ${what}`);
  }

  async startRun(slot: number, plan: Omit<BackupPlan, 'run'>): Promise<void> {
    if (this.runs[slot] !== undefined) return;
    this.runs[slot] = await startRun(this.world, this.deviceOfRun(slot), plan);
  }

  async startNight(slot: number, again?: RunId): Promise<void> {
    if (this.nights[slot] !== undefined) return;
    const night = await startNight(this.world, this.deviceOfNight(slot), again);
    this.nights[slot] = night;
    this.nightIds[slot] = night.id;
    this.reap();
  }

  /** The newest night of a device that left a result, or the one before. */
  async startUndo(device: Device, back: number): Promise<void> {
    if (this.undo !== undefined) return;
    const nights = this.nightIds.filter((id, slot) => id !== undefined && this.deviceOfNight(slot) === device);
    const night = nights[back % Math.max(1, nights.length)];
    if (night === undefined || (await this.world.store.find(nightResultKey(night, device.id), Infinity)) === undefined)
      return;
    this.world.tally.note('undo began');
    this.undo = await startUndo(this.world, device, night);
  }

  deviceOfRun = (slot: number): Device => this.world.device(RUN_SLOTS[slot % RUN_SLOTS.length] ?? 0);
  deviceOfNight = (slot: number): Device => this.world.device(NIGHT_SLOTS[slot % NIGHT_SLOTS.length] ?? 0);

  /** Those that have ended leave their slots. */
  reap(): void {
    for (const [slot, run] of this.runs.entries())
      if (run !== undefined && this.#hasEnded(run)) this.runs[slot] = undefined;
    for (const [slot, night] of this.nights.entries())
      if (night !== undefined && this.#hasEnded(night.actor)) this.nights[slot] = undefined;
    if (this.undo !== undefined && this.#hasEnded(this.undo)) this.undo = undefined;
  }

  #hasEnded(actor: Actor): boolean {
    if (actor.outcome === undefined) return false;
    const problem = unexpectedEnd(actor);
    if (problem !== undefined) this.world.ledger.fail(problem);
    const kind = actor.name.split(' ')[0] ?? '';
    this.world.tally.note(`${kind} ${'error' in actor.outcome ? 'failed' : 'ended'}`);
    return true;
  }
}
