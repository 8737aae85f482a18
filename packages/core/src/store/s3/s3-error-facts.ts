/** What can be said of an error of the SDK without repeating what servers and requests put into it. */
import type { S3Operation } from './operations.ts';

export interface S3ErrorFacts {
  /** The server's or the system's word: letters, digits, dots, hyphens and underscores only, so it can be printed. */
  readonly name: string;
  readonly status: number | undefined;
  /** The region that the server says the bucket is in. */
  readonly regionNamed: string | undefined;
  /** How far this computer's clock is ahead of the server's, in milliseconds; negative if behind. */
  readonly clockAheadMs: number | undefined;
}

/** What the store does about an error. `transient`: tries again; `unreachable`: too, but not for long at first. */
export type S3FaultKind =
  | 'transient'
  | 'unreachable'
  | 'exists'
  | 'conflict'
  | 'no-such-upload'
  | 'no-such-key'
  | 'denied'
  | 'beyond-end'
  | 'archived'
  | 'final';

/** What was being done, for the sentence. */
export interface S3ErrorContext {
  readonly operation: S3Operation;
  /** Relative to the repository's root. */
  readonly key: string;
  readonly bucket: string;
  /** `s3://bucket/prefix`. */
  readonly location: string;
  /** Of the endpoint, or `Amazon S3 in <region>`. */
  readonly host: string;
  readonly region: string;
  readonly kmsKey: string | undefined;
}

/** The fields that servers' error documents, the SDK and Node put on errors. */
interface RawError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly Region?: unknown;
  readonly RequestTime?: unknown;
  readonly ServerTime?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown; readonly requestId?: unknown };
  readonly $response?: { readonly statusCode?: unknown; readonly headers?: Readonly<Record<string, string>> };
}

const PRINTABLE_NAME = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;
const REGION_NAME = /^[a-z]{2}(-[a-z0-9]+)+$/;
/** How Node names what the network and TLS do; these words outrank an HTTP status, for the answer may be cut off. */
const SYSTEM_CODE = /^(?:E[A-Z0-9]{2,}|ERR_[A-Z_]+|HPE_[A-Z_]+|EAI_[A-Z]+|[A-Z]+(?:_[A-Z]+){2,}|CERT_[A-Z_]+)$/;

export function factsOf(error: unknown): S3ErrorFacts {
  const raw = (typeof error === 'object' && error !== null ? error : {}) as RawError;
  const system = typeof raw.code === 'string' && SYSTEM_CODE.test(raw.code) ? raw.code : undefined;
  return {
    name: system ?? printableName(raw.name),
    status: system === undefined ? statusOf(raw) : undefined,
    regionNamed: regionOf(raw),
    clockAheadMs: clockAhead(raw),
  };
}

function printableName(name: unknown): string {
  // "Unknown" and the rest are the SDK's words for an answer without a document: the status says more.
  if (typeof name !== 'string' || !PRINTABLE_NAME.test(name)) return 'Unknown';
  return ['Error', 'UnknownError', 'NotFound', 'TypeError', 'SyntaxError'].includes(name) ? 'Unknown' : name;
}

function statusOf(raw: RawError): number | undefined {
  const status = raw.$metadata?.httpStatusCode ?? raw.$response?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

function regionOf(raw: RawError): string | undefined {
  const region = raw.$response?.headers?.['x-amz-bucket-region'] ?? raw.Region;
  return typeof region === 'string' && REGION_NAME.test(region) ? region : undefined;
}

function clockAhead(raw: RawError): number | undefined {
  // RequestTime is in the compact form of signatures, 20261123T180000Z.
  const compact = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(raw.RequestTime));
  if (compact === null) return undefined;
  const [, year, month, day, hour, minute, second] = compact.map(Number) as [0, ...Parameters<typeof Date.UTC>];
  const ahead = Date.UTC(year, (month ?? 1) - 1, day, hour, minute, second) - Date.parse(String(raw.ServerTime));
  return Number.isFinite(ahead) ? ahead : undefined;
}

/**
 * The cause to keep: printable name, status, request id and the stack's frames. The SDK's own error would bring along
 * what the server repeated of the request (access key id, session token, string to sign) and the answer's headers.
 * Messages are kept only of errors made on this computer.
 */
export function trimmedCause(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`not an error: ${typeof error}`);
  const { name, status } = factsOf(error);
  const requestId = (error as RawError).$metadata?.requestId;
  const trimmed = new Error(status === undefined ? error.message : `${name}, status ${status}`);
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  trimmed.name = status === undefined ? error.name : name;
  trimmed.stack = [`${trimmed.name}: ${trimmed.message}`, ...frames].join('\n');
  return Object.assign(trimmed, {
    ...(status === undefined ? {} : { status }),
    ...(typeof requestId === 'string' ? { requestId } : {}),
  });
}
