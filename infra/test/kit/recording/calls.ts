/** What AWS asks IAM for a request that was recorded: often more than one call, for S3 asks KMS in the caller's name. */
import { KEY_ARN, REGION } from '../resolve-template.ts';
import type { Call } from '../simulate.ts';
import type { RecordedRequest, S3Request, ServiceRequest } from './request.ts';
import type { ServiceArns } from './service-arns.ts';

/** The names that recordings give them. */
export const QUEUE = 'work queue';
export const TOPIC = 'topic';

export const callsOf = (request: RecordedRequest, arns: ServiceArns): Call[] =>
  'service' in request ? serviceCallsOf(request, arns) : s3CallsOf(request);

/** Throws for an operation of which nobody has said what it needs. */
function s3CallsOf(request: S3Request): Call[] {
  const { principal, operation, key, headers = {} } = request;
  const ask = (action: string, context: Call['context'] = {}): Call => ({ principal, action, resource: key, context });
  const kms = (...actions: readonly string[]): Call[] =>
    actions.map((action) => ({
      principal,
      action: `kms:${action}`,
      resource: headers['x-amz-server-side-encryption-aws-kms-key-id'] ?? KEY_ARN,
    }));
  const write = (creates: boolean): Call[] => [
    ask('s3:PutObject', writeContext(headers, creates)),
    ...(headers['x-amz-tagging'] === undefined ? [] : [ask('s3:PutObjectTagging', tagContext(headers))]),
  ];
  const list = (action: string): Call[] => [
    { principal, action, resource: '', context: { 's3:prefix': key, 's3:delimiter': request.delimiter } },
  ];
  switch (operation) {
    case 'ListObjectsV2':
      return list('s3:ListBucket');
    case 'ListObjectVersions':
      return list('s3:ListBucketVersions');
    case 'GetObject':
      return [ask('s3:GetObject'), ...kms('Decrypt')];
    case 'HeadObject':
      // Checksums are encrypted as the object is.
      return [ask('s3:GetObject'), ...(headers['x-amz-checksum-mode'] === undefined ? [] : kms('Decrypt'))];
    case 'PutObject':
      return [...write(true), ...kms('GenerateDataKey')];
    case 'CreateMultipartUpload':
      return [...write(false), ...kms('GenerateDataKey')];
    case 'UploadPart':
      return [...write(false), ...kms('GenerateDataKey', 'Decrypt')];
    case 'CompleteMultipartUpload':
      return [...write(true), ...kms('GenerateDataKey', 'Decrypt')];
    case 'AbortMultipartUpload':
    case 'DeleteObject':
    case 'DeleteObjectVersion':
    case 'RestoreObject':
      return [ask(`s3:${operation}`)];
    default:
      throw new Error(`nobody has said what IAM is asked for "${operation}"`);
  }
}

/** Recorded, but IAM has no key for it, or asks for it in another way. */
const OF_NO_CONDITION: ReadonlySet<string> = new Set([
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-tagging',
]);

/** Only what was sent: what the simulator takes for usual is taken away. */
function writeContext(headers: Readonly<Record<string, string>>, creates: boolean): Call['context'] & object {
  const conditions = Object.entries(headers).filter(([name]) => !OF_NO_CONDITION.has(name));
  return {
    's3:if-none-match': undefined,
    's3:x-amz-server-side-encryption': undefined,
    's3:x-amz-server-side-encryption-aws-kms-key-id': undefined,
    ...Object.fromEntries(conditions.map(([name, value]) => [`s3:${name}`, value])),
    ...tagContext(headers),
    's3:ObjectCreationOperation': String(creates),
  };
}

function tagContext({ 'x-amz-tagging': text }: Readonly<Record<string, string>>): Call['context'] & object {
  if (text === undefined) return {};
  const tags = [...new URLSearchParams(text)];
  return {
    ...Object.fromEntries(tags.map(([name, value]) => [`s3:RequestObjectTag/${name}`, value])),
    's3:RequestObjectTagKeys': tags.map(([name]) => name),
  };
}

function serviceCallsOf({ principal, service, operation, resource }: ServiceRequest, arns: ServiceArns): Call[] {
  switch (`${service} ${operation}`) {
    case 'sqs SendMessage':
    case 'sqs SendMessageBatch':
      return [{ principal, action: 'sqs:SendMessage', resource: resource === QUEUE ? arns.queue : resource }];
    case 'sns Publish': {
      const context = {
        'kms:ViaService': `sns.${REGION}.amazonaws.com`,
        'kms:EncryptionContext:aws:s3:arn': undefined,
      };
      return [
        { principal, action: 'sns:Publish', resource: resource === TOPIC ? arns.topic : resource },
        ...['kms:GenerateDataKey', 'kms:Decrypt'].map((action) => ({
          principal,
          action,
          resource: arns.topicKey,
          context,
        })),
      ];
    }
    case 'cloudwatch PutMetricData':
      return [
        { principal, action: 'cloudwatch:PutMetricData', resource: '*', context: { 'cloudwatch:namespace': resource } },
      ];
    default:
      throw new Error(`nobody has said what IAM is asked for "${operation}" of ${service}`);
  }
}
