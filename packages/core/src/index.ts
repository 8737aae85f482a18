/** What the agent and the nightly job share. The S3 store is apart, in './s3', so that the SDK loads only where used. */
export * from './errors.ts';
export * from './ids.ts';
export * from './keys.ts';
export * from './store/ports.ts';
export * from './format/entry-path.ts';
