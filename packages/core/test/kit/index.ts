/** What tests of every package share. */
export { describeObjectStore } from './store-contract.ts';
export type { OpenedStore, StoreCapabilities } from './store-contract.ts';
