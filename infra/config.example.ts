/**
 * An example of infra/config.ts. Copy it there (git ignores that file), put in your account, address and role, and leave
 * out what is right by default. Every setting, its default and its limits: docs/infrastructure.md, "Configuration".
 */
import type { BackupConfigInput } from './src/config/backup-config.ts';

const config: BackupConfigInput = {
  companyName: 'smallbiz',
  environment: 'prod',
  account: '111122223333',
  alarmEmail: 'backup-alarms@smallbiz.example',
  breakGlassRoleArn: 'arn:aws:iam::111122223333:role/backup-break-glass',

  // The fleet: alarms for size, uploads and removals are measured by it.
  users: 500,
  gigabytesPerUser: 20,

  // Snapshots of 30 days; what a night removes can be brought back for 14 days more.
  retentionDays: 30,
  softDeleteDays: 14,

  // At 2 at night, UTC. With scheduleTimeZone: 'America/Los_Angeles', at 2 by the clocks there.
  schedule: 'cron(0 2 * * ? *)',
};

export default config;
