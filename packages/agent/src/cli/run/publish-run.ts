/** After a run: its figures for the fleet's graphs, if the configuration names an environment. No run fails for it. */
import { isBackupError } from '@backup-agent/core';
import type { RunRecord } from '@backup-agent/core';
import { runMetrics } from '../../metrics/run-metrics.ts';
import type { CommandContext } from '../context.ts';

/** `record` is undefined for a run that failed. */
export async function publishRun(context: CommandContext, record: RunRecord | undefined): Promise<void> {
  const { settings, report, signal } = context;
  const environment = settings.metricsEnvironment.value;
  if (environment === undefined || context.repositoryPlace().type === 'local' || signal.aborted) return;
  const { region, awsProfile } = settings;
  try {
    const { putRunMetrics } = await import('../../metrics/put-run-metrics.ts');
    await putRunMetrics(runMetrics(record), { environment, region: region.value, profile: awsProfile.value, signal });
  } catch (error) {
    // Whoever interrupts it now has a backup all the same.
    if (context.signal.aborted) return;
    if (!isBackupError(error, 'FAILED')) throw error;
    report({ type: 'warning', message: error.message });
  }
}
