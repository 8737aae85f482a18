/** Store time, the store, what is in flight to it, the devices, and whoever is at work. */
import { BUCKET_SETTINGS } from '../../../src/maintenance/night.ts';
import type { NightSettings } from '../../../src/maintenance/night.ts';
import { makeRunId, memoryStore, parseDeviceId, parseKey } from '../../../src/index.ts';
import type { DeviceId, ObjectKey, RunId } from '../../../src/index.ts';
import type { Actor } from './actor.ts';
import { Disk } from './disk.ts';
import type { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { Tally } from './tally.ts';
import { Words } from './words.ts';

/** A write that its sender waits for no longer; it lands when it is due. */
interface InFlight {
  readonly due: number;
  readonly land: () => Promise<unknown>;
  /** The time that the store writes on it, if not that of its landing. */
  readonly dated?: number;
}

export interface Device {
  readonly id: DeviceId;
  readonly disk: Disk;
  /** By roots: what runs that were cut off had saved. */
  readonly journals: Map<string, Journal>;
  /** The text of every chunk that was ever read from the disk. */
  readonly content: Map<string, string>;
  /** Of this machine's clock, against store time. It names runs, nothing else. */
  clockMs: number;
}

const START = Date.UTC(2026, 2, 1);

export class World {
  now = START;
  readonly settings: NightSettings;
  readonly store = memoryStore({ now: () => new Date(this.#dated ?? this.now) });
  readonly tally = new Tally();
  readonly ledger = new Ledger(this);
  readonly words = new Words(this);
  inFlight: InFlight[] = [];
  /** Store time at which the last undo began. */
  undoBegan = 0;
  readonly devices: readonly Device[] = ['desk-1', 'laptop-1'].map((id) => ({
    id: parseDeviceId(id),
    disk: new Disk(),
    journals: new Map(),
    content: new Map(),
    clockMs: 0,
  }));
  #ids = 0;
  #dated: number | undefined;

  constructor(settings: Partial<NightSettings> = {}) {
    this.settings = { ...BUCKET_SETTINGS, ...settings };
  }

  device(number: number): Device {
    return this.devices[number % this.devices.length] as Device;
  }

  /** A name; its time is that of a clock which may be wrong. */
  newId(clockMs = 0): RunId {
    return makeRunId(new Date(this.now + clockMs), this.random(4));
  }

  /** Different each time, and the same in each replay. */
  random(bytes: number): Buffer {
    const random = Buffer.alloc(Math.max(4, bytes));
    random.writeUInt32BE(++this.#ids, random.length - 4);
    return random;
  }

  /** Time passes; what is in flight lands in its turn. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    while (this.inFlight.length > 0) {
      const next = this.inFlight.reduce((first, other) => (other.due < first.due ? other : first));
      if (next.due > end) break;
      this.inFlight = this.inFlight.filter((other) => other !== next);
      this.now = Math.max(this.now, next.due);
      this.tally.note('late write lands');
      this.#dated = next.dated;
      const landing = next.land();
      this.#dated = undefined;
      await landing;
    }
    this.now = end;
  }

  /** Atomic: what is asked and done before the first await is one step of the store. */
  async create(key: ObjectKey, body: readonly Uint8Array[]) {
    const before = this.store.find(key, Infinity);
    const created = this.store.create(key, body);
    if ((await before) === undefined) await this.ledger.landed(key, Buffer.concat(body));
    else if ((await created).outcome === 'already-there') this.tally.note(`another was first: ${parseKey(key)?.type}`);
    return created;
  }

  async remove(key: ObjectKey, by: Actor): Promise<void> {
    const before = this.store.find(key, Infinity);
    await this.store.remove(key);
    if ((await before) !== undefined) this.ledger.removed(key, by);
  }

  async undelete(key: ObjectKey): Promise<'restored' | 'gone'> {
    const before = this.store.find(key, Infinity);
    const outcome = this.store.undelete(key);
    const after = this.store.find(key, Infinity);
    const bytes = await after;
    if ((await before) === undefined && bytes !== undefined) await this.ledger.landed(key, bytes);
    return outcome;
  }
}
