/** Every statement of every policy has a name; the list of names is pinned, and what they do is in simulation.ts. */
import { describe, expect, test } from 'vitest';
import { policiesOf } from '../kit/policies.ts';
import { deploy } from '../kit/resolve-template.ts';
import { BY_DEFAULT, WITH_ALL } from '../kit/stacks.ts';

const sidsOf = (synthesized: typeof BY_DEFAULT): Record<string, (string | undefined)[]> => {
  const { storage, service } = deploy(synthesized);
  const policies = [...policiesOf(storage), ...policiesOf(service)];
  return Object.fromEntries(policies.map(({ name, document }) => [name, document.Statement.map(({ Sid }) => Sid)]));
};

const DEVICE = [
  'ListOwn',
  'ReadOwn',
  'AddToOwn',
  'GiveUpOwnPacks',
  'UseKeyForBackups',
  'PublishMetrics',
  'DenyOtherNames',
];
const PEOPLE = ['WithSecondFactor', 'FromIdentityCenter'];
const EXPECTED = {
  'key DataKey': ['AccountDecidesByIam', 'DenyEndOfKey', 'DenyShortWait', 'DenyKeyPolicyEdits'],
  'bucket smallbiz-backups-logs': [
    'DenyPlainHttp',
    'DenyOldTls',
    'DenyRemovalOfLogs',
    'DenyBucketTampering',
    'AllowDeliveryOfLogs',
  ],
  'bucket smallbiz-backups': [
    'DenyPlainHttp',
    'DenyOldTls',
    'DenyOtherAccounts',
    'DenyOtherAlgorithm',
    'DenyOtherKey',
    'DenyKeysOfClients',
    'DenyOverwrite',
    'DenyColdClasses',
    'DenyOtherPlaces',
    'DenyForeignMarks',
    'DenyForeignSystemWrites',
    'DenyRemoval',
    'DenyPermanentRemoval',
    'DenyLockEdits',
    'DenyBucketTampering',
  ],
  'policy smallbiz-prod-backup-device': DEVICE,
  'trust of smallbiz-prod-backup-restore': PEOPLE,
  'role smallbiz-prod-backup-restore': ['ListAll', 'ReadAll', 'UseKeyToRead'],
  'trust of smallbiz-prod-backup-administrator': PEOPLE,
  'role smallbiz-prod-backup-administrator': ['ListAll', 'ReadHowItIs', 'WriteWords', 'GiveUpProbe', 'UseKeyForWords'],
  'key AlertKey': ['AccountDecidesByIam', 'AllowAlarms', 'AllowRules'],
  topic: ['AllowAlarms', 'AllowRules', 'DenyPlainHttp'],
  'queue DeadLetters': [
    'DenyPlainHttp',
    'AllowEventRuleBackupServiceNight82C3A571',
    'AllowKeyInDanger',
    'AllowBreakGlassUsed',
  ],
  'queue Work': ['DenyPlainHttp'],
  'trust of smallbiz-prod-backup-coordinator': ['ByLambda'],
  'role smallbiz-prod-backup-coordinator': ['ListDevices', 'ReadDeviceWords', 'UseKeyToRead', 'SendWork', 'WriteLog'],
  'trust of smallbiz-prod-backup-worker': ['ByLambda'],
  'role smallbiz-prod-backup-worker': [
    'ListRepository',
    'ReadHowDevicesAre',
    'DenyDocuments',
    'WriteMarksAndRecords',
    'GiveUpReport',
    'RemoveSoftly',
    'UseKeyForRecords',
    'WorkOffQueue',
    'PublishMetrics',
    'SendMail',
    'UseKeyForMail',
    'WriteLog',
  ],
};

test('every policy and statement is known by name', () => {
  expect(sidsOf(BY_DEFAULT)).toEqual(EXPECTED);
});

test('options add their statements and nothing else', () => {
  const cold = [...DEVICE.slice(0, 4), 'TagOwnPacks', 'ThawOwnPacks', ...DEVICE.slice(4)];
  expect(sidsOf(WITH_ALL)).toEqual({
    ...EXPECTED,
    'policy smallbiz-prod-backup-device': cold,
    'trust of smallbiz-prod-backup-device': ['ByCertificate'],
    'role smallbiz-prod-backup-device': cold,
    'role smallbiz-prod-backup-restore': ['ListAll', 'ReadAll', 'ThawPacks', 'UseKeyToRead'],
    'queue DeadLetters': ['DenyPlainHttp', 'AllowKeyInDanger', 'AllowBreakGlassUsed'],
    'trust of smallbiz-prod-backup-schedule': ['ByScheduler'],
    'role smallbiz-prod-backup-schedule': ['BeginNight', 'KeepWhatFailed'],
  });
});

test.each([
  ['the bucket policy', 'bucket smallbiz-backups', 20_480],
  ['the policy of devices', 'policy smallbiz-prod-backup-device', 6144],
  ['the role of devices', 'role smallbiz-prod-backup-device', 10_240],
  ['the role of the worker', 'role smallbiz-prod-backup-worker', 10_240],
])('%s fits the limit of AWS with a third to spare', (_, name, bytesMax) => {
  const { storage, service } = deploy(WITH_ALL);
  const policy = [...policiesOf(storage), ...policiesOf(service)].find((candidate) => candidate.name === name);
  expect(policy).toBeDefined();
  expect(JSON.stringify(policy?.document).length).toBeLessThan((bytesMax * 2) / 3);
});

describe('who may take which role', () => {
  const { storage } = deploy(WITH_ALL);
  const trustOf = (role: string) => policiesOf(storage).find(({ name }) => name === `trust of ${role}`)?.document;

  test('a device by a certificate of our authority only, with a name in it', () => {
    expect(trustOf('smallbiz-prod-backup-device')?.Statement).toEqual([
      {
        Sid: 'ByCertificate',
        Effect: 'Allow',
        Principal: { Service: 'rolesanywhere.amazonaws.com' },
        Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
        Condition: {
          ArnEquals: { 'aws:SourceArn': 'arn:aws:rolesanywhere:us-west-2:111122223333:smallbiz-prod-backup' },
          StringLike: { 'aws:PrincipalTag/x509Subject/CN': '?*' },
        },
      },
    ]);
  });

  test.each(['smallbiz-prod-backup-restore', 'smallbiz-prod-backup-administrator'])(
    '%s: people with a second factor, or from Identity Center',
    (role) => {
      expect(trustOf(role)?.Statement.map(({ Condition }) => Condition)).toEqual([
        { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
        { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*' } },
      ]);
    },
  );
});
