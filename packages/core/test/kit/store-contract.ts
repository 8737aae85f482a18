/**
 * What packages/core/src/store/ports.ts promises, as one suite that every store passes. Where a server lacks a
 * capability, the test's name says so and the weaker promise is checked.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import type { ObjectStore, ObjectUndeleter } from '../../src/store/ports.ts';
import { describeCreating } from './store-contract/creating.ts';
import { describeListing } from './store-contract/listing.ts';
import { describeReading } from './store-contract/reading.ts';
import { describeRemoving } from './store-contract/removing.ts';
import { describeUndeleting } from './store-contract/undeleting.ts';

/** What a store's server can do. */
export interface StoreCapabilities {
  /** `If-None-Match: *` is obeyed on a single put. */
  readonly conditionalPut: boolean;
  /** `If-None-Match: *` is obeyed when a multipart upload is completed: bodies larger than 8 MiB. */
  readonly conditionalCompletion: boolean;
  /** The SHA-256 sent with an object is kept and given back. */
  readonly checksumKept: boolean;
  /** Objects are encrypted with a KMS key. The ports do not show it; the suite's name tells it. */
  readonly sseKms: boolean;
  /** A removal leaves a delete marker. */
  readonly versions: boolean;
  /** What was removed can be brought back: the store is an ObjectUndeleter, and its server keeps the bytes. */
  readonly undeletes: boolean;
  /** Objects outlive the opened store: a store opened again shows them. */
  readonly persistent: boolean;
}

export type UndeletingStore = ObjectStore & Partial<ObjectUndeleter>;

export interface OpenedStore {
  readonly store: UndeletingStore;
  close(): Promise<void>;
}

/**
 * Registers the suite. `open` opens the same place each time it is called: one that is empty when the suite begins and
 * that nobody else writes to (for S3 a prefix of its own). It is called once for all tests, and once more after that
 * store was closed.
 */
export function describeObjectStore(
  name: string,
  capabilities: StoreCapabilities,
  open: () => Promise<OpenedStore>,
): void {
  describe(`${name} keeps the promises of a store (${capabilityWords(capabilities)})`, () => {
    let opened: OpenedStore | undefined;
    const reopen = async (): Promise<void> => {
      await opened?.close();
      opened = undefined;
      opened = await open();
    };
    const store = (): UndeletingStore => {
      if (opened === undefined) throw new Error('the store is not open');
      return opened.store;
    };
    beforeAll(reopen, 60_000);
    afterAll(async () => {
      await opened?.close();
    }, 60_000);

    describeListing(store, capabilities);
    describeReading(store);
    describeCreating(store, capabilities);
    describeUndeleting(store, capabilities);
    describeRemoving(store, capabilities, reopen);
  });
}

function capabilityWords(capabilities: StoreCapabilities): string {
  const word = (has: boolean, text: string): string => (has ? text : `no ${text}`);
  return [
    word(capabilities.conditionalPut, 'conditional put'),
    word(capabilities.conditionalCompletion, 'conditional completion'),
    word(capabilities.checksumKept, 'checksum kept'),
    word(capabilities.sseKms, 'SSE-KMS'),
    word(capabilities.versions, 'versions'),
    word(capabilities.undeletes, 'undeleting'),
    word(capabilities.persistent, 'persistence'),
  ].join(', ');
}
