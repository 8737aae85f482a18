/** What can be said of an error of the SDK without repeating what servers and requests put into it. */

export interface S3ErrorFacts {
  /** The server's or the system's word: letters, digits, dots, hyphens and underscores only, so it can be printed. */
  readonly name: string;
  readonly status: number | undefined;
  /** The region that the server says the bucket is in. */
  readonly regionNamed: string | undefined;
  /** How far this computer's clock is ahead of the server's, in milliseconds; negative if behind. */
  readonly clockAheadMs: number | undefined;
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
 * The cause to keep: name, message, status, request id and stack. The SDK's own error would bring along what the server
 * repeated of the request (access key id, session token, string to sign) and the answer's headers.
 */
export function trimmedCause(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`not an error: ${typeof error}`);
  const { status } = factsOf(error);
  const requestId = (error as RawError).$metadata?.requestId;
  const trimmed = new Error(error.message);
  trimmed.name = error.name;
  if (error.stack !== undefined) trimmed.stack = error.stack;
  return Object.assign(trimmed, {
    ...(status === undefined ? {} : { status }),
    ...(typeof requestId === 'string' ? { requestId } : {}),
  });
}
