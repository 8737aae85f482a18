/** A9: the key is about to go, was disabled, or its policy was changed. An event, for waiting for a metric would cost days. */
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { tellOfEvents } from './tell-of-events.ts';
import type { Teller } from './tell-of-events.ts';

export const KEY_DANGER_ARTICLE = 'KeyInDanger';
const CALLS = ['ScheduleKeyDeletion', 'DisableKey', 'DisableKeyRotation', 'PutKeyPolicy', 'DeleteImportedKeyMaterial'];

/** Calls are seen only where a CloudTrail trail records them: docs/deploy.md makes one. */
export function watchKey(scope: Construct, key: IKey, teller: Teller): void {
  const { companyName, environment } = teller.config;
  const call = { 'detail-type': ['AWS API Call via CloudTrail'] };
  const ofCalls = { eventSource: ['kms.amazonaws.com'], eventName: CALLS };
  tellOfEvents(scope, teller, {
    id: KEY_DANGER_ARTICLE,
    name: 'key-in-danger',
    description: 'Somebody did something to the key without which no backup can be restored',
    pattern: {
      source: ['aws.kms'],
      $or: [
        { 'detail-type': ['KMS CMK Deletion'], resources: [key.keyArn] },
        { ...call, detail: { ...ofCalls, resources: { ARN: [key.keyArn] } } },
        // Of a call that was refused CloudTrail may know only how the caller named the key.
        { ...call, detail: { ...ofCalls, requestParameters: { keyId: [key.keyArn, key.keyId] } } },
      ],
    },
    words: { what: '$.detail-type', call: '$.detail.eventName', who: '$.detail.userIdentity.arn', time: '$.time' },
    sentence: `The key of the backups of ${companyName} (${environment}) is in danger: <what> <call> by <who> at <time>. Without this key no backup can be restored.`,
  });
}
