/**
 * The one place where requests are repeated: exponential backoff with full jitter on throttling, server errors, cut
 * connections and stalls; never more requests under way than there are sockets, so that waiting for one is no silence.
 */
import pLimit from 'p-limit';
import { isBackupError } from '../../errors.ts';
import type { BackupError } from '../../errors.ts';
import type { S3Client } from '@aws-sdk/client-s3';
import { formatS3Url } from '../repository-url.ts';
import { faultKindOf, mapS3Error } from './map-s3-error.ts';
import type { S3Operation } from './operations.ts';
import type { S3Limits, S3LookFirst, S3RequestEvent, S3StoreOptions } from './options.ts';
import { factsOf } from './s3-error-facts.ts';
import type { S3ErrorContext, S3FaultKind } from './s3-error-facts.ts';

export interface S3Request<Output> {
  readonly operation: S3Operation;
  /** Relative to the repository's root. */
  readonly key: string;
  /** One attempt, answer read to its end. */
  attempt(client: S3Client, signal: AbortSignal): Promise<Output>;
}

export interface SendOptions<Expected extends S3FaultKind> {
  /** Faults that are values to the caller. */
  readonly expected: readonly Expected[];
  readonly attemptsMax?: number;
  /** What ends an attempt under way. Default: the store's signal. */
  readonly cancel?: AbortSignal;
}

/** An answer, or a fault that the caller expects. */
export type Reply<Output, Expected extends S3FaultKind> =
  | { readonly output: Output; readonly fault?: undefined }
  | { readonly output?: undefined; readonly fault: Expected; readonly refusal: BackupError };

/** A store's connection: where it is, and how to send requests there. */
export interface S3Connection {
  readonly client: S3Client;
  readonly bucket: string;
  /** `s3://bucket/prefix`. */
  readonly location: string;
  readonly options: S3StoreOptions;
  readonly limits: S3Limits;
  /** Fires a while after the store's signal: for what must still be said to the server. */
  readonly lateSignal: AbortSignal;
  readonly lookFirst: S3LookFirst;
  fullKey(key: string): string;
  /** Throws a BackupError unless answered. */
  send<Output>(request: S3Request<Output>): Promise<Output>;
  /** As `send`, but expected faults are values. */
  ask<Output, Expected extends S3FaultKind>(
    request: S3Request<Output>,
    options: SendOptions<Expected>,
  ): Promise<Reply<Output, Expected>>;
  /** The error for something that an answer shows to be wrong. */
  fail(error: unknown, operation: S3Operation, key: string): BackupError;
}

export interface ConnectionParts {
  readonly client: S3Client;
  readonly region: string;
  readonly host: string;
  readonly options: S3StoreOptions;
  readonly limits: S3Limits;
}

export function connect(parts: ConnectionParts): S3Connection {
  const { client, options, limits } = parts;
  const { bucket, prefix, signal } = options;
  const ask = askerFor(parts);
  return {
    client,
    bucket,
    location: formatS3Url(bucket, prefix),
    options,
    limits,
    lookFirst: options.lookFirst ?? (options.endpoint === undefined ? 'never' : 'large'),
    lateSignal: firesLater(signal, limits.abortMs),
    fullKey: (key) => fullKeyOf(key, options),
    ask,
    async send(request) {
      const reply = await ask(request, { expected: [] });
      return reply.output as never;
    },
    fail: (error, operation, key) => mapS3Error(error, contextOf(operation, key, parts)),
  };
}

function askerFor(parts: ConnectionParts): S3Connection['ask'] {
  const { client, options, limits } = parts;
  const slots = pLimit(limits.requestsMax);
  const sleep = options.sleep ?? sleepFor;
  let answered = false;

  /** How many attempts a request is worth that met this fault. */
  const attemptsFor = (fault: S3FaultKind, attemptsMax: number): number => {
    if (fault === 'transient' || (fault === 'unreachable' && answered)) return attemptsMax;
    return fault === 'unreachable' ? Math.min(attemptsMax, limits.attemptsUnansweredMax) : 1;
  };

  return async (request, { expected, attemptsMax = limits.attemptsMax, cancel = options.signal }) => {
    const { operation, key } = request;
    for (let attempt = 1; ; attempt += 1) {
      const tell = (outcome: S3RequestEvent['outcome'], problem?: string): void =>
        options.onRequest?.({ operation, key: fullKeyOf(key, options), attempt, outcome, problem });
      try {
        const output = await slots(() => {
          cancel.throwIfAborted();
          return request.attempt(client, cancel);
        });
        answered = true;
        tell('answered');
        return { output };
      } catch (error) {
        cancel.throwIfAborted();
        if (isBackupError(error)) throw error;
        const fault = faultKindOf(error);
        const { name, status } = factsOf(error);
        answered ||= status !== undefined;
        const problem = name === 'Unknown' ? `status ${status}` : name;
        const wanted = expected.find((kind) => kind === fault);
        if (wanted !== undefined) {
          tell('refused', problem);
          return { fault: wanted, refusal: mapS3Error(error, contextOf(operation, key, parts)) };
        }
        if (attempt >= attemptsFor(fault, attemptsMax)) {
          tell('failed', problem);
          throw mapS3Error(error, contextOf(operation, key, parts));
        }
        tell('retried', problem);
        await sleep(jitteredWaitMs(attempt, limits, options.random), cancel);
      }
    }
  };
}

const fullKeyOf = (key: string, { prefix }: S3StoreOptions): string => (prefix === '' ? key : `${prefix}/${key}`);

const contextOf = (
  operation: S3Operation,
  key: string,
  { options, host, region }: ConnectionParts,
): S3ErrorContext => ({
  operation,
  key,
  bucket: options.bucket,
  location: formatS3Url(options.bucket, options.prefix),
  host,
  region,
  kmsKey: options.kmsKey,
});

/** Full jitter: any wait from nothing to the limit is as likely, so that many clients do not come back at once. */
function jitteredWaitMs(attempt: number, limits: S3Limits, random: () => number): number {
  return random() * Math.min(limits.backoffCapMs, limits.backoffBaseMs * 2 ** (attempt - 1));
}

const sleepFor = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake, { once: true });
  });

function firesLater(signal: AbortSignal, ms: number): AbortSignal {
  const late = new AbortController();
  const arm = (): void => {
    setTimeout(() => late.abort(signal.reason), ms).unref();
  };
  if (signal.aborted) arm();
  else signal.addEventListener('abort', arm, { once: true });
  return late.signal;
}
