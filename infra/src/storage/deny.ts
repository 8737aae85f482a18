/** Deny statements, which hold for everybody whatever their own policies allow. */
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

export interface Denied {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Roles for whom it does not hold; patterns are allowed. Absent: it holds for all. */
  readonly except?: readonly string[];
}

export function deny({ sid, actions, resources, notResources, conditions, except = [] }: Denied): PolicyStatement {
  const spared = except.length === 0 ? {} : { ArnNotLike: { 'aws:PrincipalArn': except } };
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [...actions],
    ...(resources === undefined ? {} : { resources: [...resources] }),
    ...(notResources === undefined ? {} : { notResources: [...notResources] }),
    conditions: { ...conditions, ...spared },
  });
}

/** For every bucket: nothing travels in the clear. */
export const denyPlainTransport = (bucketArn: string): PolicyStatement[] => [
  deny({
    sid: 'DenyPlainHttp',
    actions: ['s3:*'],
    resources: [bucketArn, `${bucketArn}/*`],
    conditions: { Bool: { 'aws:SecureTransport': 'false' } },
  }),
  deny({
    sid: 'DenyOldTls',
    actions: ['s3:*'],
    resources: [bucketArn, `${bucketArn}/*`],
    conditions: { NumericLessThan: { 's3:TlsVersion': '1.2' } },
  }),
];
