/** A configuration with everything on that is off by default: cfn-lint looks at what comes of it (.ci/run). */
import type { BackupConfigInput } from '../../src/config/backup-config.ts';
import { ALL_OPTIONS } from './all-options.ts';
import { GOOD } from './good-config.ts';

const config: BackupConfigInput = { ...GOOD, ...ALL_OPTIONS };

export default config;
