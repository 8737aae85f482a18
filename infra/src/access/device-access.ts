/** How devices get in: as IAM users and roles that carry a tag, or by certificates. Either way they may do the same. */
import { Duration } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyDocument, PolicyStatement, Role, ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import { CfnProfile, CfnTrustAnchor } from 'aws-cdk-lib/aws-rolesanywhere';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledgements.ts';
import type { BackupConfig } from '../config/backup-config.ts';
import type { Names } from '../names.ts';
import { createRole } from './create-role.ts';
import { CERTIFICATE_TAG, DEVICE_TAG, deviceStatements } from './device-statements.ts';

export interface AccessInput {
  readonly config: BackupConfig;
  readonly names: Names;
  readonly bucketArn: string;
  readonly keyArn: string;
}

/** A stolen laptop's session ends within the hour after its certificate was revoked. */
const SESSION = Duration.hours(1);

/** Attached to the principals that the configuration lists; Identity Center's permission sets can name it. */
export function createDevicePolicy(scope: Construct, { config, names, bucketArn, keyArn }: AccessInput): ManagedPolicy {
  const named = (kind: 'role' | 'user'): string[] =>
    config.devicePrincipalArns
      .map((arn) => /:(role|user)\/(.+)$/.exec(arn))
      .flatMap((match) => (match?.[1] === kind && match[2] !== undefined ? [match[2]] : []));
  const statements = deviceStatements({ config, bucketArn, keyArn, tag: DEVICE_TAG });
  const policy = new ManagedPolicy(scope, 'DevicePolicy', {
    managedPolicyName: names.devicePolicy,
    description: 'A device adds to its own part of the repository and reads it; its tag "device" says which that is',
    document: new PolicyDocument({ statements }),
    roles: named('role').map((name) => Role.fromRoleName(scope, `DeviceRole-${name}`, name)),
    users: named('user').map((name) => User.fromUserName(scope, `DeviceUser-${name}`, name)),
  });
  acknowledgeWildcards(policy, statements);
  return policy;
}

export interface CertificateAccess {
  readonly role: Role;
  readonly trustAnchor: CfnTrustAnchor;
  readonly profile: CfnProfile;
}

export function createCertificateAccess(scope: Construct, pem: string, input: AccessInput): CertificateAccess {
  const { config, names, bucketArn, keyArn } = input;
  const trustAnchor = new CfnTrustAnchor(scope, 'TrustAnchor', {
    name: names.prefix,
    enabled: true,
    source: { sourceType: 'CERTIFICATE_BUNDLE', sourceData: { x509CertificateData: pem } },
  });
  const role = createRole(scope, 'DeviceRole', {
    name: names.deviceRole,
    description: 'A device adds to its own part of the repository and reads it; its certificate says which that is',
    trust: [trustIn(trustAnchor.attrTrustAnchorArn)],
    statements: deviceStatements({ config, bucketArn, keyArn, tag: CERTIFICATE_TAG }),
    maxSessionDuration: SESSION,
  });
  const profile = new CfnProfile(scope, 'Profile', {
    name: names.prefix,
    enabled: true,
    roleArns: [role.roleArn],
    durationSeconds: SESSION.toSeconds(),
  });
  return { role, trustAnchor, profile };
}

/** Nobody else may take the role: whoever could set tags of a session could call himself any device. */
function trustIn(trustAnchorArn: string): PolicyStatement {
  return new PolicyStatement({
    sid: 'ByCertificate',
    principals: [new ServicePrincipal('rolesanywhere.amazonaws.com')],
    actions: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
    conditions: {
      ArnEquals: { 'aws:SourceArn': trustAnchorArn },
      StringLike: { [`aws:PrincipalTag/${CERTIFICATE_TAG}`]: '?*' },
    },
  });
}
