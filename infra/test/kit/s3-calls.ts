/** What S3 asks IAM for a request that our store makes: the events of S3StoreOptions.onRequest become calls to simulate. */
import { KEY_ARN } from './resolve-template.ts';
import type { Call, Who } from './simulate.ts';

/** As the store tells them, and as they can be recorded in a file of infra/test/recorded. */
export interface RecordedRequest {
  readonly principal: Who;
  readonly operation: keyof typeof S3_ACTIONS;
  /** The whole key, or the prefix of a listing. */
  readonly key: string;
}

/** Of each operation: the action on the object or bucket, and those on the key. */
const S3_ACTIONS = {
  ListObjectsV2: ['s3:ListBucket'],
  ListObjectVersions: ['s3:ListBucketVersions'],
  GetObject: ['s3:GetObject', 'kms:Decrypt'],
  HeadObject: ['s3:GetObject', 'kms:Decrypt'],
  PutObject: ['s3:PutObject', 'kms:GenerateDataKey'],
  CreateMultipartUpload: ['s3:PutObject', 'kms:GenerateDataKey'],
  UploadPart: ['s3:PutObject', 'kms:GenerateDataKey', 'kms:Decrypt'],
  CompleteMultipartUpload: ['s3:PutObject', 'kms:GenerateDataKey', 'kms:Decrypt'],
  AbortMultipartUpload: ['s3:AbortMultipartUpload'],
  DeleteObject: ['s3:DeleteObject'],
  DeleteObjectVersion: ['s3:DeleteObjectVersion'],
  RestoreObject: ['s3:RestoreObject'],
} as const;

export function callsOf({ principal, operation, key }: RecordedRequest): Call[] {
  const lists = operation === 'ListObjectsV2' || operation === 'ListObjectVersions';
  return S3_ACTIONS[operation].map((action): Call => {
    if (action.startsWith('kms:')) return { principal, action, resource: KEY_ARN };
    if (lists) return { principal, action, resource: '', context: { 's3:prefix': key } };
    return { principal, action, resource: key, context: contextOf(operation) };
  });
}

/** Neither an upload that begins nor its parts create an object; parts carry no headers of the object either. */
function contextOf(operation: RecordedRequest['operation']): Call['context'] & object {
  if (operation === 'CreateMultipartUpload')
    return { 's3:if-none-match': undefined, 's3:ObjectCreationOperation': 'false' };
  if (operation !== 'UploadPart') return {};
  return {
    's3:if-none-match': undefined,
    's3:ObjectCreationOperation': 'false',
    's3:x-amz-server-side-encryption': undefined,
    's3:x-amz-server-side-encryption-aws-kms-key-id': undefined,
  };
}
