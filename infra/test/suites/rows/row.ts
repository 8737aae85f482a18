/** What rows of decisions are made of. */
import type { Call, Verdict, Who } from '../../kit/simulate.ts';

/** The verdict, who asks, the action, the key or ARN, and what is unusual about the call. */
export type Row = readonly [Verdict, Who, string, string, Call['context']?];

export const own = (folder: string): string => `v1/devices/dev-1/${folder}/20260105T080000Z-0a1b2c3d/00000`;
export const PACK = own('data');
export const MARKS = 'v1/devices/dev-1/marks/00000001.json';
export const KMS = 's3:x-amz-server-side-encryption-aws-kms-key-id';
export const SSE = 's3:x-amz-server-side-encryption';
export const noEncryption = { [SSE]: undefined, [KMS]: undefined };
export const listing = (prefix: string | undefined): Call['context'] => ({ 's3:prefix': prefix });
