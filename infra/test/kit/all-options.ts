import type { BackupConfigInput } from '../../src/config/backup-config.ts';
import { CERTIFICATE_AUTHORITY } from './certificate-authority.ts';
import { ACCOUNT } from './good-config.ts';

/** Everything that is off by default. */
export const ALL_OPTIONS = {
  rolesAnywhere: { certificateAuthorityPem: CERTIFICATE_AUTHORITY },
  devicePrincipalArns: [`arn:aws:iam::${ACCOUNT}:user/laptop-1`, `arn:aws:iam::${ACCOUNT}:role/server-1`],
  objectLock: { days: 7 },
  dashboard: true,
  scheduleTimeZone: 'America/Los_Angeles',
  packTiering: 'glacier',
} as const satisfies Partial<BackupConfigInput>;
