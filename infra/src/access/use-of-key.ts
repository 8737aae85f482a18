import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

export interface KeyUse {
  readonly sid: string;
  readonly keyArn: string;
  readonly bucketArn: string;
  readonly region: string;
  /** Reading needs no new data keys. */
  readonly readOnly?: true;
}

/**
 * The key, only through S3 and only for this bucket. With a bucket key the encryption context is the bucket's ARN, so
 * the key cannot tell devices apart: that is what the statements about objects are for. Uploads in parts decrypt too.
 */
export function useOfKey({ sid, keyArn, bucketArn, region, readOnly }: KeyUse): PolicyStatement {
  return new PolicyStatement({
    sid,
    actions: readOnly === true ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: [keyArn],
    conditions: {
      StringEquals: {
        'kms:ViaService': `s3.${region}.amazonaws.com`,
        'kms:EncryptionContext:aws:s3:arn': bucketArn,
      },
    },
  });
}
