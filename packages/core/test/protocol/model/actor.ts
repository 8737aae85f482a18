/**
 * A run, a night or an undo: real code over a store whose every request waits until the schedule grants it. A request
 * that is granted is atomic, as it is at a server; between two of them an actor can be left alone for any time, crash,
 * or see a write lost, answered into the void, or landing late.
 */
import { BackupError } from '../../../src/index.ts';
import type { Listing, ObjectKey, ObjectStore, ObjectUndeleter } from '../../../src/index.ts';
import type { World } from './world.ts';

export interface Request {
  readonly kind: 'list' | 'read' | 'create' | 'remove' | 'undelete' | 'wait';
  /** Or the prefix of a listing. */
  readonly key: string;
}

/**
 * What becomes of a write: `late` ones land when their time comes, and the sender gives up or tries again meanwhile. A
 * `slow` one shows as late, but with the time at which it was sent: some stores take a request's beginning for its time.
 */
export type Fault = 'lost' | 'answer-lost' | 'late' | 'late-retried' | 'slow';

interface Waiting {
  readonly request: Request;
  readonly land: () => Promise<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  /** Of a listing of two pages: the first, taken earlier. */
  firstPage?: Listing;
}

export class Actor {
  readonly name: string;
  readonly store: ObjectStore & ObjectUndeleter;
  /** Store time of its beginning. */
  readonly began: number;
  /** Passes with each request. */
  paceMs = 1000;
  outcome: { readonly value: unknown } | { readonly error: unknown } | undefined;
  readonly #world: World;
  #waiting: Waiting[] = [];
  #stopsAt: ((request: Request) => boolean) | undefined;

  constructor(name: string, world: World) {
    this.name = name;
    this.#world = world;
    this.began = world.now;
    this.store = this.#gate();
  }

  run(work: (actor: Actor) => Promise<unknown>): this {
    work(this).then(
      (value) => (this.outcome = { value }),
      (error: unknown) => (this.outcome = { error }),
    );
    return this;
  }

  /** What it waits for, in the order in which it asked. */
  get waiting(): readonly Request[] {
    return this.#waiting.map(({ request }) => request);
  }

  /** Grants the first request that waits, and all that follow up to one that `stopsAt` chooses: that one waits. */
  async goOn(stopsAt: (request: Request) => boolean): Promise<void> {
    this.#stopsAt = stopsAt;
    const held = this.#waiting.splice(0);
    for (const [i, one] of held.entries()) {
      if (i > 0 && this.#holds(one.request)) this.#waiting.push(one);
      else await this.#grant(one);
    }
    await this.settle();
    this.#stopsAt = undefined;
  }

  finish(): Promise<void> {
    return this.goOn(() => false);
  }

  /** Grants one of the requests that wait. */
  async step({ nth = 0, fault, delayMs = 0 }: { nth?: number; fault?: Fault; delayMs?: number } = {}): Promise<void> {
    const [one] = this.#waiting.splice(nth % Math.max(1, this.#waiting.length), 1);
    if (one !== undefined) await this.#grant(one, fault, delayMs);
    await this.settle();
  }

  /** Of a listing that waits: its first half is seen now, the rest when it is granted. */
  async listFirstPage(): Promise<boolean> {
    const one = this.#waiting.find(({ request, firstPage }) => request.kind === 'list' && firstPage === undefined);
    if (one !== undefined) one.firstPage = await this.#world.store.list(one.request.key);
    return one !== undefined;
  }

  pause(ms = 0): Promise<void> {
    return this.#ask({ kind: 'wait', key: '' }, () => this.#world.pass(ms));
  }

  /** Nothing but the store makes an actor wait: all else that it does is done when this resolves. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.outcome !== undefined || this.#waiting.length > 0) return;
    }
    throw new Error(`${this.name} waits for something else than the store`);
  }

  #holds(request: Request): boolean {
    if (this.#stopsAt === undefined) return true;
    if (!this.#stopsAt(request)) return false;
    this.#stopsAt = undefined;
    return true;
  }

  #ask<T>(request: Request, land: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const one: Waiting = { request, land, resolve, reject };
      if (this.#holds(request)) this.#waiting.push(one);
      else void this.#grant(one);
    });
  }

  async #grant(one: Waiting, fault?: Fault, delayMs = 0): Promise<void> {
    await this.#world.pass(this.paceMs);
    const { kind, key } = one.request;
    if (fault === undefined || !['create', 'remove'].includes(kind)) return this.#land(one);
    this.#world.tally.note(`write ${fault}`);
    if (fault === 'answer-lost') await one.land();
    if (fault === 'late' || fault === 'late-retried' || fault === 'slow') {
      const { now } = this.#world;
      this.#world.inFlight.push({ due: now + delayMs, land: one.land, ...(fault === 'slow' ? { dated: now } : {}) });
    }
    if (fault === 'late-retried') this.#waiting.push(one);
    else one.reject(new BackupError('STORE_UNREACHABLE', `no answer to ${kind} ${key}`, { key }));
  }

  async #land({ land, resolve, reject, firstPage }: Waiting): Promise<void> {
    try {
      const value = await land();
      resolve((firstPage === undefined ? value : joinPages(firstPage, value as Listing)) as never);
    } catch (error) {
      reject(error as Error);
    }
  }

  #gate(): ObjectStore & ObjectUndeleter {
    const { store } = this.#world;
    const ask = <T>(kind: Request['kind'], key: string, land: () => Promise<T>) => this.#ask({ kind, key }, land);
    return {
      location: 'model',
      list: (prefix) =>
        ask('list', prefix, () => {
          this.#world.ledger.listed(this, prefix);
          return store.list(prefix);
        }),
      listFolders: (prefix) => ask('list', prefix, () => store.listFolders(prefix)),
      find: (key, max) => ask('read', key, () => store.find(key, max)),
      read: (key, max) => ask('read', key, () => store.read(key, max)),
      readRange: (key, offset, length) => ask('read', key, () => store.readRange(key, offset, length)),
      create: (key, body) => ask('create', key, () => this.#world.create(key, body)),
      remove: (key) => {
        this.#world.ledger.sendsRemoval(this, key);
        return ask('remove', key, () => this.#world.remove(key, this));
      },
      listRemoved: (prefix) => ask('list', prefix, () => store.listRemoved(prefix)),
      undelete: (key: ObjectKey) => ask('undelete', key, () => this.#world.undelete(key)),
    };
  }
}

/** A listing of two pages, the second taken later: each shows its part of the keys as it was then. */
function joinPages(first: Listing, second: Listing): Listing {
  const middle = first.objects[first.objects.length >> 1]?.key ?? '';
  return {
    objects: [...first.objects.filter(({ key }) => key <= middle), ...second.objects.filter(({ key }) => key > middle)],
    began: first.began,
    ended: second.ended,
  };
}
