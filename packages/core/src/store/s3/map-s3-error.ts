/** From the SDK's, the server's and the system's words to ours: one table, read from top to bottom. */
import { BackupError } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';
import { OPERATION_WORDS, PERMISSIONS } from './operations.ts';
import { factsOf, trimmedCause } from './s3-error-facts.ts';
import type { S3ErrorContext, S3ErrorFacts, S3FaultKind } from './s3-error-facts.ts';

type Sentence = (context: S3ErrorContext, facts: S3ErrorFacts) => string;

interface Row {
  readonly names: RegExp;
  readonly statuses?: readonly number[];
  readonly kind: S3FaultKind;
  readonly code: ErrorCode;
  readonly says: Sentence;
  readonly hint?: Sentence;
}

const subject = ({ operation, key, location }: S3ErrorContext): string =>
  `${OPERATION_WORDS[operation]} ${location}${key === '' ? '' : `/${key}`}`;
const word = ({ name, status }: S3ErrorFacts): string =>
  status === undefined ? name : name === 'Unknown' ? `status ${status}` : `${name}, status ${status}`;
const keyName = ({ kmsKey }: S3ErrorContext): string =>
  kmsKey === undefined ? "the bucket's KMS key" : `KMS key ${kmsKey}`;
/** What the host is called where no endpoint is named. */
export const amazonIn = (region: string): string => `Amazon S3 in ${region}`;
const never = /^$/;

const ROWS: readonly Row[] = [
  {
    names: /^(?:NoSuchBucket|NoSuchBucketPolicy)$/,
    kind: 'final',
    code: 'REPOSITORY_MISSING',
    says: (c) => `there is no bucket "${c.bucket}" at ${c.host}`,
    hint: () => "check the bucket's name and the region or endpoint; the infrastructure's outputs name the bucket",
  },
  {
    names: /^(?:PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException|TemporaryRedirect)$/,
    statuses: [301, 307],
    kind: 'final',
    code: 'CONFIG_INVALID',
    says: (c, f) =>
      f.regionNamed === undefined
        ? `bucket "${c.bucket}" is not in region ${c.region}`
        : `bucket "${c.bucket}" is in region ${f.regionNamed}, not in ${c.region}`,
    hint: (_, f) => `set the region to ${f.regionNamed ?? 'that of the bucket'} (--region)`,
  },
  {
    names: /^RequestTimeTooSkewed$/,
    kind: 'final',
    code: 'CLOCK_WRONG',
    says: (c, f) => `this computer's clock is off by ${minutesOff(f)}, so ${c.host} refuses its requests`,
    hint: () => 'set the clock, or let the system set it from the network, and try again',
  },
  {
    names: /^(?:CredentialsProviderError|ProviderError|CredentialsError|MissingAuthenticationToken)$/,
    kind: 'denied',
    code: 'ACCESS_DENIED',
    says: () => 'no usable credentials for S3 were found',
    hint: () =>
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile (AWS_PROFILE), or enrol this device; a profile's credential_process may have failed",
  },
  {
    // Node's word for a header that cannot be sent: credentials come from outside, and nobody has checked them.
    names: /^ERR_INVALID_CHAR$/,
    kind: 'denied',
    code: 'ACCESS_DENIED',
    says: () => 'the credentials for S3 hold a line break or another character that none can hold',
    hint: () =>
      'check AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN or the profile: they may have been copied with a line break',
  },
  {
    names: /^(?:TokenProviderError|ExpiredToken|ExpiredTokenException|TokenRefreshRequired|RequestExpired)$/,
    kind: 'denied',
    code: 'ACCESS_DENIED',
    says: (c) => `the credentials for ${c.location} have expired`,
    hint: () => "sign in again, or renew the device's certificate or token",
  },
  {
    names: /^(?:InvalidAccessKeyId|InvalidToken|NotSignedUp|UnrecognizedClientException)$/,
    kind: 'denied',
    code: 'ACCESS_DENIED',
    says: (c) => `${c.host} does not know the access key that was used`,
    hint: () => 'check AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN or the profile, and that they belong to this endpoint',
  },
  {
    names: /^SignatureDoesNotMatch$/,
    kind: 'denied',
    code: 'ACCESS_DENIED',
    says: (c) => `${c.host} refuses the signature: the secret access key is wrong`,
    hint: () => 'check AWS_SECRET_ACCESS_KEY or the profile; a proxy that changes requests can cause this too',
  },
  {
    names: /^(?:KMS|Kms)\.?(?:KMS|Kms)?(?:Throttling|InternalException|Internal|DependencyTimeout|KeyUnavailable)/,
    kind: 'transient',
    code: 'STORE_UNREACHABLE',
    says: (c, f) => `${c.host} cannot reach ${keyName(c)} at the moment (${word(f)})`,
    hint: () => 'try again later',
  },
  {
    names: /^(?:KMS|Kms)\.?(?:NotFoundException|NotFound|InvalidArn)/,
    kind: 'final',
    code: 'CONFIG_INVALID',
    says: (c) => `${keyName(c)} does not exist for ${c.host}`,
    hint: () => "check --kms-key: the full ARN of a key in the bucket's region",
  },
  {
    names: /^(?:KMS|Kms)\.?(?:Disabled|KMSInvalidState|InvalidState|KMSInvalidStateException)/,
    kind: 'final',
    code: 'ACCESS_DENIED',
    says: (c) => `${keyName(c)} is disabled or about to be deleted`,
    hint: () => 'an administrator must enable the key again or cancel its deletion: without it no backup can be read',
  },
  {
    names: /^(?:KMS|Kms)\./,
    kind: 'denied',
    code: 'ACCESS_DENIED',
    says: (c, f) => `cannot ${subject(c)}: ${keyName(c)} refused (${word(f)})`,
    hint: (c) => `the role needs ${PERMISSIONS[c.operation]}`,
  },
  {
    names: /^(?:InvalidStorageClass)$/,
    kind: 'final',
    code: 'CONFIG_INVALID',
    says: (c) => `${c.host} does not know the storage class that is configured`,
    hint: () => 'choose another tiering in the configuration, or none',
  },
  {
    names: /^(?:InvalidObjectState)$/,
    kind: 'archived',
    code: 'OBJECT_ARCHIVED',
    says: (c) => `cannot ${subject(c)}: it lies in an archive and must be thawed first`,
    hint: () => '"restore" thaws what it needs, and says before what that costs and how long it takes',
  },
  {
    names: /^GlacierExpeditedRetrievalNotAvailable$/,
    kind: 'final',
    code: 'STORE_UNREACHABLE',
    says: (c) => `${c.host} cannot thaw anything in a hurry at the moment`,
    hint: () => 'try again later, or use --thaw standard',
  },
  {
    names: /^(?:NotImplemented|MethodNotAllowed)$/,
    statuses: [405, 501],
    kind: 'final',
    code: 'CONFIG_INVALID',
    says: (c, f) => `cannot ${subject(c)}: ${c.host} does not support what is needed (${word(f)})`,
    hint: () => 'the server needs conditional writes (If-None-Match) and SHA-256 checksums; `init` tells what it lacks',
  },
  {
    names: /^(?:QuotaExceeded|InsufficientCapacity|XMinioStorageFull|EntityTooLarge)$/,
    statuses: [507],
    kind: 'final',
    code: 'DISK_FULL',
    says: (c, f) => `cannot ${subject(c)}: the server has no room for it (${word(f)})`,
  },
  {
    names: /^(?:NoSuchUpload)$/,
    kind: 'no-such-upload',
    code: 'FAILED',
    says: (c) => `cannot ${subject(c)}: its upload was aborted by somebody else`,
    hint: () => 'try again; a lifecycle rule that aborts uploads should wait for days',
  },
  {
    names: /^(?:PreconditionFailed)$/,
    statuses: [412],
    kind: 'exists',
    code: 'KEY_CONFLICT',
    says: (c) => `cannot ${subject(c)}: there is an object under this key`,
  },
  {
    names: /^(?:ConditionalRequestConflict|OperationAborted)$/,
    statuses: [409],
    kind: 'conflict',
    code: 'STORE_UNREACHABLE',
    says: (c) => `cannot ${subject(c)}: somebody else is changing this key at the same time`,
    hint: () => 'try again',
  },
  {
    names: /^(?:InvalidRange)$/,
    statuses: [416],
    kind: 'beyond-end',
    code: 'OBJECT_DAMAGED',
    says: (c) => `${c.location}/${c.key} is shorter than it should be`,
  },
  {
    names:
      /^(?:SlowDown|SlowDownRead|SlowDownWrite|Throttling|ThrottlingException|RequestLimitExceeded|TooManyRequests|BandwidthLimitExceeded)$/,
    statuses: [429],
    kind: 'transient',
    code: 'STORE_UNREACHABLE',
    says: (c, f) => `${c.host} asks to slow down (${word(f)}), again and again`,
    hint: () => 'try again later',
  },
  {
    names:
      /^(?:BadDigest|XAmzContentSHA256Mismatch|XAmzContentChecksumMismatch|InvalidDigest|IncompleteBody|RequestTimeout)$/,
    kind: 'transient',
    code: 'STORE_UNREACHABLE',
    says: (c, f) => `cannot ${subject(c)}: its bytes do not arrive as they were sent (${word(f)})`,
    hint: () => 'check the network, and proxies between this computer and the server',
  },
  {
    names: /^(?:ENOTFOUND|ECONNREFUSED|EAI_[A-Z]+|ENETUNREACH|EHOSTUNREACH|ENETDOWN|EADDRNOTAVAIL)$/,
    kind: 'unreachable',
    code: 'STORE_UNREACHABLE',
    says: (c, f) => `cannot reach ${c.host} (${word(f)})`,
    hint: (c) =>
      c.host === amazonIn(c.region)
        ? `check the network connection, and whether there is a region ${c.region} (--region)`
        : "check the network connection and the endpoint's name",
  },
  {
    names:
      /^(?:CERT_[A-Z_]+|ERR_TLS_[A-Z_]+|ERR_SSL_[A-Z_]+|EPROTO|[A-Z_]*(?:SELF_SIGNED|CERT|LEAF_SIGNATURE)[A-Z_]*)$/,
    kind: 'final',
    code: 'STORE_UNREACHABLE',
    says: (c, f) => `cannot make a secure connection to ${c.host} (${word(f)})`,
    hint: () =>
      'check the endpoint (https or http?), its certificate and proxies; NODE_EXTRA_CA_CERTS names an authority of your own',
  },
  {
    names: /^(?:ECONNRESET|EPIPE|ETIMEDOUT|ECONNABORTED|ESOCKETTIMEDOUT|ERR_STREAM_[A-Z_]+|HPE_[A-Z_]+|TimeoutError)$/,
    kind: 'transient',
    code: 'STORE_UNREACHABLE',
    says: (c, f) => `the connection to ${c.host} breaks off again and again (${word(f)})`,
    hint: () => 'check the network connection and try again; what has been uploaded is kept',
  },
  {
    names: /^(?:AccessDenied|AccessDeniedException|AllAccessDisabled|AccountProblem|Forbidden|InvalidPayer)$/,
    statuses: [401, 403],
    kind: 'denied',
    code: 'ACCESS_DENIED',
    says: (c) => `not allowed to ${subject(c)}`,
    hint: (c) => `the role or user needs ${PERMISSIONS[c.operation]}`,
  },
  {
    names: /^(?:NoSuchKey|NoSuchVersion)$/,
    statuses: [404],
    kind: 'no-such-key',
    code: 'OBJECT_MISSING',
    says: (c) => `${c.location}/${c.key} is missing`,
  },
  {
    names: never,
    statuses: [200, 204, 206],
    kind: 'transient',
    code: 'STORE_UNREACHABLE',
    says: (c) => `what answers at ${c.host} is not S3`,
    hint: () => 'check the endpoint; a portal of the network that wants a login can answer in its place',
  },
  {
    names: /^(?:InternalError|ServiceUnavailable|InternalServerError)$/,
    statuses: [500, 502, 503, 504],
    kind: 'transient',
    code: 'STORE_UNREACHABLE',
    says: (c, f) => `${c.host} fails again and again (${word(f)})`,
    hint: () => 'try again later',
  },
];

const ELSE: Row = {
  names: never,
  kind: 'final',
  code: 'FAILED',
  says: (c, f) => `cannot ${subject(c)}: ${c.host} refuses (${word(f)})`,
};

function rowOf(facts: S3ErrorFacts): Row {
  const byName = ROWS.find(({ names }) => names.test(facts.name));
  if (byName !== undefined) return byName;
  const { status } = facts;
  return ROWS.find(({ statuses }) => status !== undefined && statuses?.includes(status)) ?? ELSE;
}

/** What the store does about this error. */
export const faultKindOf = (error: unknown): S3FaultKind => rowOf(factsOf(error)).kind;

/** The one error that leaves the store. Its sentence holds nothing that a server said but its printable code. */
export function mapS3Error(error: unknown, context: S3ErrorContext): BackupError {
  const facts = factsOf(error);
  const row = rowOf(facts);
  const hint = row.hint?.(context, facts);
  return new BackupError(row.code, row.says(context, facts), {
    ...(hint === undefined ? {} : { hint }),
    ...(context.key === '' ? {} : { key: context.key }),
    cause: trimmedCause(error),
  });
}

function minutesOff({ clockAheadMs }: S3ErrorFacts): string {
  if (clockAheadMs === undefined) return 'more than 15 minutes';
  const minutes = Math.round(Math.abs(clockAheadMs) / 60_000);
  const span = minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  return `${span} (it is ${clockAheadMs > 0 ? 'ahead' : 'behind'})`;
}
