/** What tests of every package share. */
export { describeObjectStore } from './store-contract.ts';
export type { OpenedStore, StoreCapabilities } from './store-contract.ts';
export { startS3Endpoint } from './s3-endpoint/start-s3-endpoint.ts';
export type { LoggedRequest, S3Endpoint, S3EndpointOptions } from './s3-endpoint/start-s3-endpoint.ts';
export type { Fault, FaultEffect } from './s3-endpoint/faults.ts';
export { skippedSuite } from './skipped-suite.ts';
export { longestChain, startCountingProxy } from './counting-proxy.ts';
export type { AnswerInstead, ArrivedRequest, CountingProxy, Interception, ProxiedRequest } from './counting-proxy.ts';
export { RepositoryBuilder } from './repository-builder.ts';
export type { BuilderOptions, EntrySpec, SnapshotSpec } from './repository-builder.ts';
export { damagedStore } from './damaged-store.ts';
export type { DamagedStore } from './damaged-store.ts';
export { archiveObjects, makeBucket, removeBucket } from '../long/s3-bucket.ts';
export type { TestBucket } from '../long/s3-bucket.ts';
export { listWithPythonReader, pythonReaderMissing, restoreWithPythonReader } from './python-reader.ts';
export { landedRecord } from '../maintenance/landed-record.ts';
export { parseCall } from './s3-endpoint/call.ts';
