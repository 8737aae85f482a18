/** A night by hand: of all devices of a bucket with its report, or of the one device that was named. */
import {
  BUCKET_SETTINGS,
  isBackupError,
  maintainDevice,
  maintainFleet,
  mailText,
  makeRunId,
  overlayStore,
  readRepositoryFile,
  worstExitCode,
} from '@backup-agent/core';
import type { BackupError, MaintainedDevice, Night, ObjectStore } from '@backup-agent/core';
import { requireDevice } from '../administering.ts';
import type { CommandContext } from '../context.ts';
import { openStore } from '../open-repository.ts';
import { exitCodeOf, jsonOfDevice, tellDecisions, tellDevice } from './tell-device.ts';

export async function maintainBucket(
  context: CommandContext,
  { dryRun }: { readonly dryRun: boolean },
): Promise<number> {
  const { clock, random, settings } = context;
  const below = await openStore(context.access, { create: false });
  await readRepositoryFile(below);
  const store = dryRun ? overlayStore(below) : below;
  const night = { id: makeRunId(clock.now(), random(4)), settings: BUCKET_SETTINGS, isReported: true };
  const isNamed = settings.device.origin.from !== 'default';
  return isNamed ? maintainOne(context, store, night, dryRun) : maintainAll(context, store, night, dryRun);
}

async function maintainOne(
  context: CommandContext,
  store: ObjectStore,
  night: Night,
  dryRun: boolean,
): Promise<number> {
  const { out } = context;
  const device = await requireDevice(context.device(), store);
  const repository = { store, device, voidRule: true };
  const maintained = await maintainDevice(repository, night, { hasTime: () => true });
  out.json({ repository: store.location, dryRun, ...jsonOfDevice(maintained) });
  if (dryRun) tellDecisions(out, maintained.decisions);
  tellDevice(out, maintained.result, { dryRun });
  return exitCodeOf(maintained.result);
}

async function maintainAll(
  { out, isJson }: CommandContext,
  store: ObjectStore,
  night: Night,
  dryRun: boolean,
): Promise<number> {
  const exitCodes: number[] = [];
  const onDevice = (device: string, outcome: MaintainedDevice | BackupError): void => {
    exitCodes.push(isBackupError(outcome) ? outcome.exitCode : exitCodeOf(outcome.result));
    if (isJson) return;
    if (isBackupError(outcome)) out.line(`Device ${device}: ${outcome.message}`);
    else {
      if (dryRun) tellDecisions(out, outcome.decisions);
      tellDevice(out, outcome.result, { dryRun });
    }
  };
  const { summary, report } = await maintainFleet(store, night, { hasTime: () => true, onDevice });
  out.json({ repository: store.location, dryRun, report: dryRun ? null : report, ...summary });
  if (exitCodes.length > 0) out.line('');
  if (!dryRun) out.line(`Report: ${store.location}/${report}`);
  const text = mailText(summary, undefined)?.body.trimEnd() ?? 'Nobody has to act.';
  for (const line of text.split('\n')) out.line(line);
  return worstExitCode(exitCodes);
}
