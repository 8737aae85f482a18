/**
 * What must hold at every moment, whatever the schedule: it is looked at with each write that lands. Which snapshots
 * count is asked of the real reader, so that a rule which readers lack is missed here too.
 */
import {
  BackupError,
  decodeSnapshot,
  packKey,
  packNamesOf,
  parseKey,
  parsePackText,
  readSnapshot,
} from '../../../src/index.ts';
import type { ListedSnapshot, ObjectInfo, ObjectKey, PackPlace, Repository, Snapshot } from '../../../src/index.ts';
import { decodeIndexHeader, decodeIndexPacks, INDEX_HEADER_BYTES } from '../../../src/format/index-segment.ts';
import { containsRoots } from '../../../src/retention/contains-roots.ts';
import type { Actor } from './actor.ts';
import { noteLanded } from './note-landed.ts';
import { restoreSnapshot } from './restore.ts';
import type { World } from './world.ts';

interface SeenSnapshot {
  readonly listed: ListedSnapshot;
  readonly snapshot: Snapshot;
  readonly roots: readonly string[];
  /** Keys. */
  readonly packs: ReadonlySet<string>;
  valid: boolean;
  /** When it was brought back, if it was removed once. */
  broughtBack: number | undefined;
}

/** What a night may still do: taken down when it looks at the device's part. */
interface NightAccount {
  readonly bytesAtStart: number;
  readonly removed: Set<string>;
  removedBytes: number;
}

export class Ledger {
  readonly snapshots = new Map<string, SeenSnapshot>();
  readonly packs = new Map<string, number>();
  /** What each snapshot is to restore to: absolute path by root and path -> text. */
  readonly expected = new Map<string, ReadonlyMap<string, string>>();
  readonly #written = new Map<string, Buffer>();
  readonly #index = new Map<string, ReadonlySet<string>>();
  readonly #accounts = new Map<Actor, NightAccount>();
  /** Brought back, and then hit by an older night. */
  readonly #broken = new Set<string>();
  readonly #removedAt = new Map<string, number>();
  readonly #removedOnce = new Set<string>();
  readonly #world: World;
  violation: string | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  fail(what: string): void {
    this.violation ??= what;
  }

  /** An object is there that was not there before. */
  async landed(key: string, bytes: Buffer): Promise<void> {
    const parsed = parseKey(key);
    if (parsed === undefined) return;
    const before = this.#written.get(key);
    // A night that was frozen for long may write the number of a state that was removed as old: the largest one holds.
    if (before !== undefined && !before.equals(bytes) && parsed.type !== 'marks')
      this.fail(`${key} was written again with other bytes`);
    this.#written.set(key, bytes);
    this.#world.words.landed(parsed, bytes);
    noteLanded(parsed, bytes, this.#world.tally);
    if (parsed.type === 'pack') this.packs.set(key, bytes.length);
    if (parsed.type === 'index' || parsed.type === 'compacted-index') {
      const table = bytes.subarray(INDEX_HEADER_BYTES, decodeIndexHeader(bytes, key).recordsAt);
      this.#index.set(key, new Set(decodeIndexPacks(table, key).map((pack) => packKey(parsed.device, pack))));
    }
    if (parsed.type === 'snapshot') await this.#sawSnapshot(key as ObjectKey, bytes);
    if (parsed.type === 'run-record')
      for (const seen of this.snapshots.values()) if (seen.snapshot.run === parsed.run) await this.#judge(seen);
  }

  async #sawSnapshot(key: ObjectKey, bytes: Buffer): Promise<void> {
    const snapshot = decodeSnapshot(bytes, key);
    const object = (await this.#world.store.list(key)).objects[0] as ObjectInfo;
    const listed = { key, name: snapshot.name, landed: object.modified, object };
    const packs = packNamesOf(snapshot).map((name) => packKey(snapshot.device, parsePackText(name) as PackPlace));
    const roots = snapshot.roots.map(({ path }) => path);
    const broughtBack = this.#removedOnce.has(key) ? this.#world.now : undefined;
    const seen = { listed, snapshot, roots, packs: new Set(packs), valid: false, broughtBack };
    this.snapshots.set(key, seen);
    await this.#judge(seen);
    this.#world.tally.note(seen.valid ? 'snapshot landed' : 'void snapshot landed');
  }

  async #judge(seen: SeenSnapshot): Promise<void> {
    const was = seen.valid;
    seen.valid = (await readSnapshot(this.#repository(seen.snapshot), seen.listed)) !== undefined;
    if (!seen.valid || was) return;
    if (seen.broughtBack !== undefined) this.#noteBroughtBack(seen);
    await this.restores(seen.listed.key);
  }

  #repository = ({ device }: Pick<Snapshot, 'device'>): Repository => ({
    store: this.#world.store,
    device,
    voidRule: true,
  });

  /** Whether a snapshot restores bit for bit; if not, that is the violation. */
  async restores(key: string): Promise<void> {
    const seen = this.snapshots.get(key);
    if (seen === undefined || !seen.valid || this.#broken.has(key)) return;
    const missing = [...seen.packs].find((pack) => !this.packs.has(pack));
    if (missing !== undefined) return this.fail(`${key} needs ${missing}, which is not there`);
    const expected = this.expected.get(key) ?? new Map();
    try {
      const restored = await restoreSnapshot(this.#repository(seen.snapshot), seen.snapshot);
      for (const [path, text] of expected)
        if (restored.get(path) !== text) this.fail(`${key} restores ${path} as ${restored.get(path)}, not ${text}`);
      if (restored.size !== expected.size) this.fail(`${key} restores ${[...restored.keys()].join(', ')}`);
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      this.fail(`${key} does not restore: ${error.message}`);
    }
  }

  listed(by: Actor, prefix: string): void {
    const device = /^v1\/devices\/([^/]+)\/$/.exec(prefix)?.[1];
    if (device === undefined) return; // Only a night's survey looks at all of a device's part.
    const bytesAtStart = [...this.packs].reduce((sum, [key, bytes]) => sum + (isOf(key, device) ? bytes : 0), 0);
    const before = this.#accounts.get(by);
    this.#accounts.set(by, { removed: new Set(), removedBytes: 0, ...before, bytesAtStart });
  }

  sendsRemoval(by: Actor, key: string): void {
    const parsed = parseKey(key);
    if (parsed === undefined || !('device' in parsed)) return;
    const held = this.#world.words.heldSince(parsed.device);
    if (held !== undefined && held < by.began) this.fail(`${by.name} removes ${key}, which is on hold`);
    const account = this.#accounts.get(by);
    const bytes = this.packs.get(key);
    if (parsed.type === 'pack' && account !== undefined && bytes !== undefined && !account.removed.has(key)) {
      account.removed.add(key);
      account.removedBytes += bytes;
      if (
        account.removed.size > 1 &&
        account.removedBytes > this.#world.settings.removedShareMax * account.bytesAtStart
      )
        this.fail(`${by.name} removes ${account.removedBytes} of ${account.bytesAtStart} bytes`);
    }
    if (parsed.type !== 'snapshot') return;
    const pinned = this.#world.words.pinnedSince(parsed.name);
    if (pinned !== undefined && pinned < by.began && this.snapshots.get(key)?.valid === true)
      this.fail(`${by.name} removes ${key}, which is pinned`);
  }

  removed(key: string, by: Actor): void {
    const parsed = parseKey(key);
    if (parsed?.type === 'pack') {
      this.packs.delete(key);
      this.#removedAt.set(key, this.#world.now);
      this.#world.tally.note('pack removed');
      for (const [name, seen] of this.snapshots)
        if (seen.valid && seen.packs.has(key)) this.#breaks(name, seen, key, by);
    }
    if (parsed?.type === 'snapshot') this.#lostSnapshot(key);
    if (parsed?.type === 'index' || parsed?.type === 'compacted-index') this.#lostIndex(key, by);
  }

  /** Packs that went after the undo had looked what is missing it does not bring back. */
  #noteBroughtBack({ listed: { key }, packs }: SeenSnapshot): void {
    this.#world.tally.note('snapshot brought back');
    const missing = [...packs].filter((pack) => !this.packs.has(pack));
    if (missing.some((pack) => (this.#removedAt.get(pack) ?? 0) >= this.#world.undoBegan)) this.#broken.add(key);
  }

  /** What an undo brought back, a night that had begun before may still take away: the undo can be repeated. */
  #breaks(name: string, { broughtBack = -Infinity }: SeenSnapshot, key: string, by: Actor): void {
    if (by.began > broughtBack) return this.fail(`${by.name} removes ${key}, which ${name} needs`);
    this.#world.tally.note('an older night breaks what was brought back');
    this.#broken.add(name);
  }

  /** What snapshots say of a set of folders is not lost with one of them. */
  #lostSnapshot(key: string): void {
    const gone = this.snapshots.get(key);
    this.snapshots.delete(key);
    this.#removedOnce.add(key);
    if (gone === undefined) return;
    this.#world.tally.note(gone.valid ? 'snapshot expired' : 'void snapshot removed');
    const isSuperseded = [...this.snapshots.values()].some(
      ({ valid, snapshot, roots, listed }) =>
        valid &&
        (snapshot.finished || !gone.snapshot.finished) &&
        +listed.landed >= +gone.listed.landed &&
        snapshot.device === gone.snapshot.device &&
        containsRoots(roots, gone.roots),
    );
    if (gone.valid && !isSuperseded) this.fail(`${key} is gone, the last backup of ${gone.roots.join(', ')}`);
  }

  /** No entry of a pack that is there goes from the index. */
  #lostIndex(key: string, by: Actor): void {
    const gone = this.#index.get(key) ?? new Set();
    this.#index.delete(key);
    this.#world.tally.note('index segment removed');
    const left = new Set([...this.#index.values()].flatMap((packs) => [...packs]));
    for (const pack of gone)
      if (this.packs.has(pack) && !left.has(pack)) this.fail(`${by.name} removes ${key}, all that tells of ${pack}`);
  }

  /** Packs of a device that no listed snapshot names. */
  unreferenced(device: string): string[] {
    const needed = new Set([...this.snapshots.values()].flatMap(({ packs }) => [...packs]));
    return [...this.packs.keys()].filter((key) => isOf(key, device) && !needed.has(key));
  }

  validKeys(device: string): string[] {
    return [...this.snapshots].flatMap(([key, { valid }]) => (valid && isOf(key, device) ? [key] : [])).sort();
  }

  indexSegments(device: string): string[] {
    return [...this.#index.keys()].filter((key) => isOf(key, device));
  }
}

const isOf = (key: string, device: string): boolean => key.startsWith(`v1/devices/${device}/`);
