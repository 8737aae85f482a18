/** The administrator: policy, holds and pins, said at once. */
import { decodeHold, decodePin } from '../../../src/index.ts';
import type { DeviceId, ParsedKey, ReadWriteStore, RetentionPolicy, SnapshotName } from '../../../src/index.ts';
import { writeHold, writePin, writePolicy } from '../../../src/maintenance/write-words.ts';
import type { World } from './world.ts';

const SAID = { by: 'administrator', reason: 'a question' };

export class Words {
  readonly #world: World;
  readonly #held = new Map<DeviceId, number>();
  readonly #pinned = new Map<SnapshotName, number>();

  constructor(world: World) {
    this.#world = world;
  }

  async policy(policy: RetentionPolicy): Promise<void> {
    await writePolicy({ ...SAID, policy }, this.#deps());
  }

  async hold(device: DeviceId, state: 'held' | 'released'): Promise<void> {
    await writeHold({ ...SAID, device, state }, this.#deps());
  }

  async pin(device: DeviceId, snapshot: SnapshotName, state: 'pinned' | 'unpinned'): Promise<void> {
    await writePin({ ...SAID, device, snapshot, state }, this.#deps());
  }

  /** Since when the newest word says so, whoever said it. */
  heldSince = (device: DeviceId): number | undefined => this.#held.get(device);
  pinnedSince = (name: SnapshotName): number | undefined => this.#pinned.get(name);

  landed(key: ParsedKey, bytes: Buffer): void {
    const { now } = this.#world;
    if (key.type === 'hold') {
      if (decodeHold(bytes, '').state === 'released') this.#held.delete(key.device);
      else if (!this.#held.has(key.device)) this.#held.set(key.device, now);
    }
    if (key.type === 'pin') {
      if (decodePin(bytes, '').state === 'unpinned') this.#pinned.delete(key.snapshot);
      else if (!this.#pinned.has(key.snapshot)) this.#pinned.set(key.snapshot, now);
    }
  }

  #deps() {
    const { store, now } = this.#world;
    const spoken: ReadWriteStore = { ...store, create: (key, body) => this.#world.create(key, body) };
    return { store: spoken, now: new Date(now), random: (bytes: number) => this.#world.random(bytes) };
  }
}
