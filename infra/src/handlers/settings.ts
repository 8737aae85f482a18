/** What the functions are told by their environment, read once, and everything that is wrong said in one message. */
import { BUCKET_SETTINGS, checkNightSettings } from '@backup-agent/core';
import type { NightSettings } from '@backup-agent/core';

export interface HandlerSettings {
  readonly bucket: string;
  /** The metrics' one dimension: `prod`. */
  readonly environment: string;
  readonly queueUrl: string;
  readonly topicArn: string;
  readonly kmsKey: string | undefined;
  readonly region: string | undefined;
  /** Of an S3-compatible server. */
  readonly s3Endpoint: string | undefined;
  readonly night: NightSettings;
}

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** Throws a TypeError that lists all problems, CONFIG_INVALID for margins that protect nothing. */
export function readSettings(environment: NodeJS.ProcessEnv): HandlerSettings {
  const problems: string[] = [];
  const text = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') problems.push(`${name} is not set`);
    return value ?? '';
  };
  const number = (name: string, otherwise: number): number => {
    const value = environment[name];
    if (value === undefined || value === '') return otherwise;
    if (!/^\d{1,6}(\.\d{1,6})?$/.test(value)) problems.push(`${name}: "${value}" is not a number`);
    return Number(value);
  };
  const settings: HandlerSettings = {
    bucket: text('BACKUP_BUCKET'),
    environment: text('BACKUP_ENVIRONMENT'),
    queueUrl: text('QUEUE_URL'),
    topicArn: text('TOPIC_ARN'),
    kmsKey: environment['KMS_KEY_ARN'],
    region: environment['AWS_REGION'],
    s3Endpoint: environment['BACKUP_S3_ENDPOINT'],
    night: {
      ...BUCKET_SETTINGS,
      graceMs: number('GRACE_HOURS', BUCKET_SETTINGS.graceMs / HOUR_MS) * HOUR_MS,
      resumeMs: number('RESUME_DAYS', BUCKET_SETTINGS.resumeMs / DAY_MS) * DAY_MS,
      staleAfterHours: number('STALE_AFTER_HOURS', BUCKET_SETTINGS.staleAfterHours),
      removedShareMax: number('REMOVED_SHARE_MAX', BUCKET_SETTINGS.removedShareMax),
    },
  };
  if (problems.length > 0) throw new TypeError(`the function is not set up: ${problems.join('; ')}`);
  checkNightSettings(settings.night, { isLocked: false });
  return settings;
}
