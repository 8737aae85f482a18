/**
 * What is allowed although no recording asks for it, each with its reason. As soon as a recording asks for it, it has no
 * place here any more.
 */

/** The policy, what it allows, and why. */
export type Justified = readonly [string, string, string];

const DEVICE = 'policy smallbiz-prod-backup-device';
const CERTIFICATE = 'role smallbiz-prod-backup-device';
const RESTORE = 'role smallbiz-prod-backup-restore';
const ADMINISTRATOR = 'role smallbiz-prod-backup-administrator';
const COORDINATOR = 'role smallbiz-prod-backup-coordinator';
const WORKER = 'role smallbiz-prod-backup-worker';

const LOOK = 'people look with the AWS CLI what has been removed, as the runbook says';
const LARGE_CATALOG = 'the catalog of very many files makes a pack that goes up in parts; the recorded device has few';

const ofCatalog = (policy: string, tag: string): Justified => [
  policy,
  `GiveUpOwnPacks: s3:AbortMultipartUpload on v1/devices/\${aws:PrincipalTag/${tag}}/meta/*`,
  LARGE_CATALOG,
];

const ofLog = (policy: string, name: string): Justified[] =>
  ['CreateLogStream', 'PutLogEvents'].map((action) => [
    policy,
    `WriteLog: logs:${action} on log-group:/aws/lambda/smallbiz-prod-backup-${name}:*`,
    'Lambda itself writes the log, in the name of the function',
  ]);

/** Of the statements: Sid, action, and a pattern. */
export const JUSTIFIED_PERMISSIONS: readonly Justified[] = [
  ofCatalog(DEVICE, 'device'),
  ofCatalog(CERTIFICATE, 'x509Subject/CN'),
  [RESTORE, 'ListAll: s3:ListBucketVersions on v1/*', LOOK],
  [
    RESTORE,
    'ReadAll: s3:GetObjectVersion on v1/*',
    'what has been removed can be copied elsewhere and restored from there, without break-glass',
  ],
  [ADMINISTRATOR, 'ListAll: s3:ListBucketVersions on v1/*', LOOK],
  [
    COORDINATOR,
    'SendWork: sqs:SendMessage on DeadLetters',
    'Lambda itself sends there what failed, in the name of the function',
  ],
  ...ofLog(COORDINATOR, 'coordinator'),
  ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action): Justified => [
    WORKER,
    `WorkOffQueue: sqs:${action} on Work`,
    'Lambda itself takes messages from the queue, in the name of the function',
  ]),
  [
    WORKER,
    'GiveUpReport: s3:AbortMultipartUpload on v1/system/reports/*',
    'the report of thousands of devices goes up in parts; the recorded fleet is small',
  ],
  ...ofLog(WORKER, 'worker'),
];

/** Of the layout: an action that is asked for elsewhere, and a folder. */
export const JUSTIFIED_FOLDERS: readonly Justified[] = [
  [DEVICE, 's3:AbortMultipartUpload on v1/devices/dev-1/meta', LARGE_CATALOG],
  [CERTIFICATE, 's3:AbortMultipartUpload on v1/devices/dev-1/meta', LARGE_CATALOG],
  ...['reports', 'probe'].map((folder): Justified => [
    RESTORE,
    `s3:GetObject on v1/system/${folder}`,
    'who may read every document may read the rest: nothing is missing in an emergency',
  ]),
];
