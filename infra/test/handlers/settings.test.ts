import { BUCKET_SETTINGS } from '@backup-agent/core';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../src/handlers/settings.ts';

const NEEDED = {
  BACKUP_BUCKET: 'backups',
  BACKUP_ENVIRONMENT: 'prod',
  QUEUE_URL: 'https://queue.example/night',
  TOPIC_ARN: 'arn:aws:sns:us-west-2:123456789012:night',
};

describe('what the functions are told', () => {
  test('needs no more than names: the rest is as for any bucket', () => {
    expect(readSettings(NEEDED)).toMatchObject({ bucket: 'backups', environment: 'prod', night: BUCKET_SETTINGS });
  });

  test('may change the margins of a night', () => {
    const { night } = readSettings({
      ...NEEDED,
      GRACE_HOURS: '48',
      RESUME_DAYS: '21',
      STALE_AFTER_HOURS: '30',
      REMOVED_SHARE_MAX: '0.1',
    });
    const [hourMs, dayMs] = [3_600_000, 86_400_000];
    expect(night).toEqual({
      ...BUCKET_SETTINGS,
      graceMs: 48 * hourMs,
      resumeMs: 21 * dayMs,
      staleAfterHours: 30,
      removedShareMax: 0.1,
    });
  });

  test('is complained of all at once', () => {
    expect(() => readSettings({ GRACE_HOURS: 'long' })).toThrow(
      'the function is not set up: BACKUP_BUCKET is not set; BACKUP_ENVIRONMENT is not set; QUEUE_URL is not set; TOPIC_ARN is not set; GRACE_HOURS: "long" is not a number',
    );
  });

  test.each([
    ['a grace in which a run may still be committing', { GRACE_HOURS: '0.5' }],
    ['less time to resume than uploads have', { RESUME_DAYS: '7' }],
    ['a night that removes nothing', { REMOVED_SHARE_MAX: '0' }],
    ['a night that removes more than all', { REMOVED_SHARE_MAX: '1.5' }],
  ])('is refused if it means %s', (_, margins) => {
    expect(() => readSettings({ ...NEEDED, ...margins })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
