import { KiB, MiB } from '../../limits.ts';
import type { PackTiering } from '../tiering.ts';
import type { S3Operation } from './operations.ts';

/** Access keys given by hand; without them the SDK's default chain looks for some. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface S3StoreOptions {
  readonly bucket: string;
  /** The repository's root within the bucket, without slashes at its ends; '' for the bucket itself. */
  readonly prefix: string;
  /** Default: what the SDK's chain finds (environment, profile); with an endpoint, us-east-1. */
  readonly region?: string | undefined;
  /** Of an S3-compatible server: `https://host[:port]`. */
  readonly endpoint?: string | undefined;
  /** The key's full ARN; servers other than AWS name their keys as they like. */
  readonly kmsKey?: string | undefined;
  /** Where packs of documents are to lie. Default: where all else does. */
  readonly packTiering?: PackTiering | undefined;
  /** The bucket in the path, not in the host name. Default: true with an endpoint. */
  readonly pathStyle?: boolean | undefined;
  /**
   * For servers that ignore `If-None-Match`: look whether the key is free just before an object, or a large one, is
   * written. What lies there is then not replaced, unless another writer lands in between. The probe tells what a server
   * needs. Default: with an endpoint `large`, else `never`.
   */
  readonly lookFirst?: S3LookFirst | undefined;
  readonly credentials?: S3Credentials | undefined;
  /** The profile of the AWS configuration that credentials and region come from. Default: what AWS_PROFILE says. */
  readonly profile?: string | undefined;
  /** After it every call rejects; uploads under way are aborted on the server first. */
  readonly signal: AbortSignal;
  /** From 0 to 1, for the waits between attempts. */
  readonly random: () => number;
  /** Told of every attempt, for counts and logs. */
  readonly onRequest?: ((event: S3RequestEvent) => void) | undefined;
  readonly limits?: Partial<S3Limits> | undefined;
  /** Waits, and rejects when the signal fires. */
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

/** `large`: what goes up in parts. */
export type S3LookFirst = 'never' | 'large' | 'always';

/** One attempt of one request. */
export interface S3RequestEvent {
  readonly operation: S3Operation;
  /** The whole key, or the prefix of a listing. */
  readonly key: string;
  /** From 1. */
  readonly attempt: number;
  /** `refused`: an answer that the store has a use for, such as "already there". */
  readonly outcome: 'answered' | 'refused' | 'retried' | 'failed';
  /** The server's or the system's word for what went wrong. */
  readonly problem: string | undefined;
}

export interface S3Limits {
  /** A request is given up after this many attempts. */
  readonly attemptsMax: number;
  /** While the server has not answered once: a wrong name should not be tried for long. */
  readonly attemptsUnansweredMax: number;
  /** The wait before attempt n + 1 is random, up to this times 2^(n - 1). */
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** A request in which nothing moved for this long has stalled. */
  readonly silenceMs: number;
  /**
   * What the operating system takes from us may not be acknowledged yet, and nothing tells when it is. So many bytes at
   * most are under way in its buffers; they are given the time that the slowest line worth waiting for needs.
   */
  readonly unseenBytesMax: number;
  readonly unseenBytesPerSecond: number;
  /** Requests under way at once; also the sockets. */
  readonly requestsMax: number;
  /** Parts of one multipart upload under way at once. */
  readonly partsMax: number;
  /** What is left to do on the server after the signal may take this long. */
  readonly abortMs: number;
}

export const DEFAULT_LIMITS: S3Limits = {
  attemptsMax: 8,
  attemptsUnansweredMax: 3,
  backoffBaseMs: 500,
  backoffCapMs: 20_000,
  silenceMs: 30_000,
  unseenBytesMax: 4 * MiB,
  unseenBytesPerSecond: 32 * KiB,
  requestsMax: 16,
  partsMax: 4,
  abortMs: 10_000,
};

/** Bodies over this length go up in parts of it. S3 takes at most 10,000 parts, none but the last below 5 MiB. */
export const PART_BYTES = 8 * MiB;
