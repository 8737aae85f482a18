import type { IncomingHttpHeaders } from 'node:http';
import type { S3Call } from './call.ts';
import type { State } from './state.ts';

/** What the endpoint can do; tests may change it while it runs, and so make a weaker server of it. */
export interface S3EndpointSettings {
  /** Keys of one page of a listing at most. */
  pageSize: number;
  versions: boolean;
  /** `If-None-Match: *` is obeyed on PutObject, and on CompleteMultipartUpload. */
  conditionalPut: boolean;
  conditionalCompletion: boolean;
  keepsChecksums: boolean;
  /** KMS keys that exist; undefined: all do. */
  kmsKeys: readonly string[] | undefined;
  /** KMS keys that the caller may not use. */
  kmsKeysDenied: readonly string[];
  /** What the caller is not allowed to do. */
  denies: (call: S3Call) => boolean;
}

export interface OperationInput {
  readonly call: S3Call;
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  readonly state: State;
  readonly settings: Readonly<S3EndpointSettings>;
  readonly now: Date;
}
