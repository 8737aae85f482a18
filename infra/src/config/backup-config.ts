/** Everything that can be chosen, with its default. infra/config.ts says it; parse-config.ts checks it. */
import { X509Certificate } from 'node:crypto';
import { PACK_TIERINGS, WORKER_MEMORY_MIB } from '@backup-agent/core';
import * as z from 'zod';
import { readSchedule } from './schedule.ts';

/** CloudWatch keeps logs for one of these numbers of days only. */
const LOG_DAYS = [30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

const whole = (min: number, max: number): z.ZodInt => {
  const error = `use a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
const text = (pattern: RegExp, error: string): z.ZodString => z.string({ error }).regex(pattern, { error });
const choice = <const T extends readonly string[]>(...values: T): z.ZodEnum<{ [K in T[number]]: K }> =>
  z.enum(values, { error: `use one of ${values.join(', ')}` });
const yesOrNo = z.boolean({ error: 'use true or false' });
const percent = (): z.ZodDefault<z.ZodNumber> => {
  const error = 'use a number above 0 and up to 100';
  return z.number({ error }).gt(0, { error }).max(100, { error }).default(10);
};
/** Settings that belong together. What else stands there is told by its name. */
const group = <const Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> =>
  z.strictObject(shape, {
    error: ({ code }) => (code === 'invalid_type' ? 'use an object of settings, { ... }' : undefined),
  });
const positive = z.number({ error: 'use a number above 0' }).gt(0, { error: 'use a number above 0' });

const TAGS = { error: 'use texts: names of 1 to 128 characters, values of up to 256' };
const DEVICES = { error: 'use a list of up to 100 ARNs' };
const AUTHORITY = {
  error: 'use the PEM of a CA certificate, and nothing else: no private key, it would be readable in the stack',
};
const URL_OF = { error: 'use a text of 1 to 200 characters' };
const TIME_ZONE = { error: 'use an IANA time zone, such as Europe/Berlin' };
const SCHEDULE = {
  error:
    'use cron(<minute> <hours> * * ? *) or rate(<n> hours): 6 fields, one of the two day fields "?", at least daily, at most hourly',
};

const roleArn = text(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'use the ARN of a role');
const deviceArn = text(
  /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@-]+$/,
  'use the ARN of a role or user without a path',
);

const alarms = group({
  /** Bytes in the bucket, over all storage classes. Default: users x gigabytesPerUser x 1.5. */
  bucketGigabytes: positive.optional(),
  /** What all devices together may send in a day. Default: 5 % of users x gigabytesPerUser, which is five times the usual. */
  uploadedGigabytesPerDay: positive.optional(),
  /** Requests to S3 that were refused or found nothing, in an hour. Default: 500, or 10 for each user if that is more. */
  clientErrorsPerHour: whole(1, 10_000_000).optional(),
  /** Requests to S3 of every kind, in an hour. Default: 50,000, or 1,000 for each user if that is more. */
  requestsPerHour: whole(1, 1_000_000_000).optional(),
  /** Removals in an hour. Default: 1,000, or 60 for each user if that is more. */
  deletesPerHour: whole(1, 10_000_000).optional(),
  /** Of one device's bytes, what a night removes. */
  removedPercent: percent(),
  /** Of all devices, the late ones. */
  stalePercent: percent(),
});

export const configFields = {
  /** Begins the names of everything, so that several firms or stages fit one account. */
  companyName: text(
    /^[a-z0-9][a-z0-9-]{1,19}$/,
    'use 2 to 20 lower-case letters, digits and hyphens, beginning with a letter or digit',
  ).default('smallbiz'),
  environment: choice('prod', 'staging', 'dev').default('prod'),
  /** The AWS account to deploy to: credentials of another one are refused. */
  account: text(/^\d{12}$/, 'use the 12 digits of the AWS account'),
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'use the name of a region, such as us-west-2').default('us-west-2'),
  /** Where the backups lie is a decision: another region than us-west-2 has to be meant. */
  allowOtherRegion: yesOrNo.default(false),
  /** Gets the alarms and the mail of a night on which somebody should act. Needed in prod. */
  alarmEmail: z.email({ error: 'use an e-mail address' }).optional(),
  /** An existing role for emergencies; it alone may delete versions, and end the protections. Needed in prod. */
  breakGlassRoleArn: roleArn.optional(),
  /** Added to every resource, besides Company, Environment, Region and ManagedBy. */
  tags: z
    .record(z.string().min(1, TAGS).max(128, TAGS), z.string(TAGS).max(256, TAGS), TAGS)
    .default({ Purpose: 'DailyBackup', CostCenter: 'IT-Operations' }),

  /** How long snapshots are kept; `init` writes it into the repository, where the nightly job reads it. */
  retentionDays: whole(7, 3650).default(30),
  /** How long a removed object can still be brought back. */
  softDeleteDays: whole(7, 90).default(14),
  /**
   * Where packs of documents lie. `intelligent`: in INTELLIGENT_TIERING from the upload on. `glacier-ir`, `glacier`:
   * moved there by a lifecycle rule after transitionDays; from `glacier` a restore has to thaw first. `none`: STANDARD.
   */
  packTiering: choice(...PACK_TIERINGS).default('intelligent'),
  transitionDays: whole(0, 365).default(7),
  /** Protects each version for some days even from those who may delete versions. COMPLIANCE cannot be undone by anybody. */
  objectLock: group({
    mode: choice('GOVERNANCE', 'COMPLIANCE').default('GOVERNANCE'),
    days: whole(1, 3650).default(14),
    iUnderstandComplianceCannotBeUndone: yesOrNo.default(false),
  }).optional(),
  accessLogDays: whole(30, 3650).default(90),

  /** IAM users and roles that back up, each with a tag `device`: the policy for devices is attached to them. */
  devicePrincipalArns: z.array(deviceArn, DEVICES).max(100, DEVICES).default([]),
  /** Certificates instead of keys: the CA that signs the devices' certificates, PEM. A certificate's CN is the device id. */
  rolesAnywhere: group({
    certificateAuthorityPem: z.string(AUTHORITY).max(20_000, AUTHORITY).refine(isCertificateAuthority, AUTHORITY),
  }).optional(),

  /** When a night begins: at least daily, at most hourly. In UTC unless scheduleTimeZone says otherwise. */
  schedule: z
    .string(SCHEDULE)
    .refine((text) => readSchedule(text) !== undefined, SCHEDULE)
    .default('cron(0 2 * * ? *)'),
  /** An IANA zone, such as America/Los_Angeles: EventBridge Scheduler instead of a rule. */
  scheduleTimeZone: z.string(TIME_ZONE).refine(isTimeZone, TIME_ZONE).optional(),
  /** How long a pack stays marked before it may go. */
  graceHours: whole(24, 720).default(24),
  /** How long an unfinished first backup may pause and still find what it had sent. */
  resumeDays: whole(8, 90).default(14),
  /** A device without a good snapshot for so long needs a person. */
  staleAfterHours: whole(24, 2160).default(72),
  /** Of the bytes that a device had, a night removes at most this share. */
  removedShareMax: z
    .number({ error: 'use a number above 0 and up to 1' })
    .gt(0, { error: 'use a number above 0 and up to 1' })
    .max(1, { error: 'use a number above 0 and up to 1' })
    .default(0.2),
  /** The largest device that was measured, of a million files, took 230 MiB. More memory is also more processor. */
  workerMemoryMiB: whole(256, 10_240).default(WORKER_MEMORY_MIB),
  logDays: z.literal(LOG_DAYS, { error: `use one of ${LOG_DAYS.join(', ')}` }).default(90),

  /** What the fleet is expected to be; alarms are measured by it. */
  users: whole(1, 100_000).default(500),
  gigabytesPerUser: positive.default(20),
  alarms: alarms.prefault({}),
  /** Where the people who get the alarms find docs/runbook.md. */
  runbookUrl: z.string(URL_OF).min(1, URL_OF).max(200, URL_OF).default('docs/runbook.md'),
  dashboard: yesOrNo.default(false),
};

const config = z.strictObject(configFields);
/** What infra/config.ts says. */
export type BackupConfigInput = z.input<typeof config>;
/** The same with all defaults. */
export type BackupConfig = z.output<typeof config>;

/** Intl also knows offsets such as +02:00, which EventBridge Scheduler refuses. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false; // Which of the ways a name can be wrong does not matter.
  }
}

/** What else stands in the text would go into the stack as it is. */
function isCertificateAuthority(pem: string): boolean {
  if (/PRIVATE KEY-----/.test(pem)) return false;
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false; // Whatever OpenSSL dislikes, it is no certificate.
  }
}
