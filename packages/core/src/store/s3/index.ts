/** The S3 store. It is the only part of core that loads the AWS SDK: import it when a repository on S3 is opened. */
export { openS3Store } from './open-s3-store.ts';
export type { S3Store } from './open-s3-store.ts';
export { probeS3, S3_WEAKNESSES } from './probe.ts';
export type { S3Probe, S3ProbeWords, S3Weakness } from './probe.ts';
export type { S3Credentials, S3Limits, S3LookFirst, S3RequestEvent, S3StoreOptions } from './options.ts';
export type { S3Operation } from './operations.ts';
