/** A store that takes everything and keeps nothing: what a dry run writes to. */
import type { ReadWriteStore } from '@backup-agent/core';

export const dryRunStore = (store: ReadWriteStore, now: () => Date): ReadWriteStore => ({
  ...store,
  create: () => Promise.resolve({ outcome: 'created', etag: undefined, checksum: undefined, date: now() }),
});
