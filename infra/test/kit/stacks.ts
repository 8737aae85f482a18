/** The stacks that the suites look at, synthesized once. */
import { CERTIFICATE_AUTHORITY } from './certificate-authority.ts';
import { ACCOUNT, synthesize } from './synthesize.ts';
import type { BackupConfigInput } from '../../src/config/backup-config.ts';

/** Everything that is off by default. */
export const ALL_OPTIONS = {
  rolesAnywhere: { certificateAuthorityPem: CERTIFICATE_AUTHORITY },
  devicePrincipalArns: [`arn:aws:iam::${ACCOUNT}:user/laptop-1`, `arn:aws:iam::${ACCOUNT}:role/server-1`],
  objectLock: { days: 7 },
  dashboard: true,
  scheduleTimeZone: 'America/Los_Angeles',
  packTiering: 'glacier',
} as const satisfies Partial<BackupConfigInput>;

export const BY_DEFAULT = synthesize();
export const WITH_ALL = synthesize(ALL_OPTIONS);
