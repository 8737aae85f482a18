import { describe, test } from 'vitest';
import { NOT_RUN } from './closing-line-reporter.ts';

/**
 * Registers a suite that cannot run here, instead of the suite: `npm test` ends with a line that tells its name and the
 * reason (a phrase such as "no S3 server: set BACKUP_AGENT_TEST_S3_ENDPOINT").
 */
export function skippedSuite(name: string, reason: string): void {
  describe(name, () => {
    test.skip(`${NOT_RUN}${reason}`, () => undefined);
  });
}
