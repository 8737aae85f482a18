/** What a run saved before it was cut off, by absolute path: the next run of the same roots carries it on. */
import type { CatalogEntry } from '../../../src/index.ts';

export type Journal = Map<string, CatalogEntry>;
