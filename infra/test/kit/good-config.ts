/** The least that a configuration for prod has to say. */
import type { BackupConfigInput } from '../../src/config/backup-config.ts';

export const ACCOUNT = '111122223333';
export const BREAK_GLASS = `arn:aws:iam::${ACCOUNT}:role/backup-break-glass`;

export const GOOD = {
  account: ACCOUNT,
  alarmEmail: 'alarms@smallbiz.example',
  breakGlassRoleArn: BREAK_GLASS,
} as const satisfies BackupConfigInput;
