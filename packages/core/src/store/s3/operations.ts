/** Every S3 operation that the store uses, and what a role must be allowed to do for it. */
export const PERMISSIONS = {
  ListObjectsV2: 's3:ListBucket on the bucket',
  GetObject: 's3:GetObject on the objects and kms:Decrypt on their key',
  HeadObject: 's3:GetObject on the objects and kms:Decrypt on their key',
  PutObject: 's3:PutObject on the objects and kms:GenerateDataKey on their key',
  CreateMultipartUpload: 's3:PutObject on the objects and kms:GenerateDataKey on their key',
  UploadPart: 's3:PutObject on the objects, and kms:GenerateDataKey and kms:Decrypt on their key',
  CompleteMultipartUpload: 's3:PutObject on the objects, and kms:GenerateDataKey and kms:Decrypt on their key',
  AbortMultipartUpload: 's3:AbortMultipartUpload on the objects',
  DeleteObject: 's3:DeleteObject on the objects',
  ListObjectVersions: 's3:ListBucketVersions on the bucket',
  DeleteObjectVersion: 's3:DeleteObjectVersion on the objects',
  RestoreObject: 's3:RestoreObject on the packs, which it has where packTiering is "glacier"',
} as const;

export type S3Operation = keyof typeof PERMISSIONS;

/** As a person would say it: "cannot <words> <key>". */
export const OPERATION_WORDS: Readonly<Record<S3Operation, string>> = {
  ListObjectsV2: 'list',
  GetObject: 'read',
  HeadObject: 'look at',
  PutObject: 'write',
  CreateMultipartUpload: 'write',
  UploadPart: 'write',
  CompleteMultipartUpload: 'write',
  AbortMultipartUpload: 'abort the upload of',
  DeleteObject: 'remove',
  ListObjectVersions: 'list the versions of',
  DeleteObjectVersion: 'bring back',
  RestoreObject: 'thaw',
};
