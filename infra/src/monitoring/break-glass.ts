/** Somebody took the role that may delete versions and end protections. Usual on no day, so each time is told. */
import type { Construct } from 'constructs';
import { tellOfEvents } from './tell-of-events.ts';
import type { Teller } from './tell-of-events.ts';

export const BREAK_GLASS_ARTICLE = 'BreakGlassUsed';

/**
 * Seen where a trail records it, and in the region whose STS was asked: docs/deploy.md sends on what the global endpoint
 * and the console leave in us-east-1.
 */
export function watchBreakGlass(scope: Construct, roleArn: string, teller: Teller): void {
  const { companyName, environment } = teller.config;
  tellOfEvents(scope, teller, {
    id: BREAK_GLASS_ARTICLE,
    name: 'break-glass-used',
    description: 'Somebody took the role that alone may delete versions and end protections',
    // To take a role changes nothing: CloudTrail calls it a read.
    alsoReads: true,
    pattern: {
      source: ['aws.sts'],
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: {
        eventSource: ['sts.amazonaws.com'],
        eventName: ['AssumeRole'],
        requestParameters: { roleArn: [roleArn] },
      },
    },
    words: {
      who: '$.detail.userIdentity.arn',
      session: '$.detail.requestParameters.roleSessionName',
      from: '$.detail.sourceIPAddress',
      time: '$.time',
    },
    sentence: `<who> took the break-glass role of the backups of ${companyName} (${environment}) at <time>, from <from>, as session <session>. It alone may delete versions and end protections.`,
  });
}
