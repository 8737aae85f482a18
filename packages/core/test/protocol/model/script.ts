/** A small language for schedules written by hand: who goes on up to which request, and how much time passes between. */
import type { RunId } from '../../../src/index.ts';
import type { NightSettings } from '../../../src/maintenance/night.ts';
import type { Actor, Fault } from './actor.ts';
import { POINTS, startNight, startRun, startUndo, unexpectedEnd } from './cast.ts';
import type { Point } from './cast.ts';
import { checkAll } from './quiesce.ts';
import type { Device } from './world.ts';
import { World } from './world.ts';

const MINUTE_MS = 60_000;

export class Script {
  readonly world: World;
  readonly device: Device;

  private constructor(settings: Partial<NightSettings>) {
    this.world = new World(settings);
    this.device = this.world.device(0);
  }

  /** With a policy that lets nearly everything go. */
  static async begin(settings: Partial<NightSettings> = {}): Promise<Script> {
    const script = new Script(settings);
    await script.world.words.policy({ keepWithinDays: 1, keepLast: 1 });
    return script;
  }

  async run(roots: readonly string[], { chunksPerPack = 2, packsPerCheckpoint = 0 } = {}): Promise<Player> {
    return new Player(await startRun(this.world, this.device, { roots, chunksPerPack, packsPerCheckpoint }));
  }

  async night(again?: RunId): Promise<NightPlayer> {
    const { id, actor } = await startNight(this.world, this.device, again);
    return new NightPlayer(actor, id);
  }

  async undo(night: RunId): Promise<Player> {
    return new Player(await startUndo(this.world, this.device, night));
  }

  async backup(roots: readonly string[], options = {}): Promise<void> {
    await (await this.run(roots, options)).end();
  }

  async wholeNight(): Promise<void> {
    await (await this.night()).end();
  }

  minutes = (count: number): Promise<void> => this.world.pass(count * MINUTE_MS);
  hours = (count: number): Promise<void> => this.minutes(count * 60);
  days = (count: number): Promise<void> => this.hours(count * 24);

  write(path: string, version: number): void {
    this.device.disk.write(path, version);
  }

  lock(path: string): void {
    this.device.disk.locked.add(path);
  }

  unlock(path: string): void {
    this.device.disk.locked.delete(path);
  }

  /** The first thing that does not hold, if anything. */
  async violation(): Promise<string | undefined> {
    await checkAll(this);
    return this.world.ledger.violation;
  }

  /** Packs of documents that are there. */
  dataPacks = (): string[] => [...this.world.ledger.packs.keys()].filter((key) => key.includes('/data/'));

  times = (event: string): number => this.world.tally.counts.get(event) ?? 0;
}

export class Player {
  readonly actor: Actor;

  constructor(actor: Actor) {
    this.actor = actor;
  }

  /** Up to its request of this sort, which then waits; if there is none, the schedule is not what it seems. */
  async until(point: Point): Promise<void> {
    if (this.actor.waiting.some(POINTS[point])) return;
    await this.actor.goOn(POINTS[point]);
    if (this.actor.waiting.length === 0) throw new Error(`${this.actor.name} ended before it came to: ${point}`);
  }

  async end(): Promise<unknown> {
    await this.actor.finish();
    const problem = unexpectedEnd(this.actor);
    if (problem !== undefined) throw new Error(problem);
    return this.actor.outcome;
  }

  /** The request that waits, and nothing else. */
  step = (): Promise<void> => this.actor.step();

  /** What becomes of the write that waits. */
  fails = (fault: Fault, { landsAfterMinutes = 0 } = {}): Promise<void> =>
    this.actor.step({ fault, delayMs: landsAfterMinutes * MINUTE_MS });
}

class NightPlayer extends Player {
  readonly id: RunId;

  constructor(actor: Actor, id: RunId) {
    super(actor);
    this.id = id;
  }
}
