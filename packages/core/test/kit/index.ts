/** What tests of every package share. */
export { describeObjectStore } from './store-contract.ts';
export type { OpenedStore, StoreCapabilities } from './store-contract.ts';
export { startS3Endpoint } from './s3-endpoint/start-s3-endpoint.ts';
export type { LoggedRequest, S3Endpoint, S3EndpointOptions } from './s3-endpoint/start-s3-endpoint.ts';
export type { Fault, FaultEffect } from './s3-endpoint/faults.ts';
export { skippedSuite } from './skipped-suite.ts';
