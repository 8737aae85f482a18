/** A night by hand: of all devices of a bucket with its report, or of the one device that was named. */
import {
  BUCKET_SETTINGS,
  EXIT_CODES,
  isBackupError,
  maintainDevice,
  maintainFleet,
  makeRunId,
  overlayStore,
  readRepositoryFile,
} from '@backup-agent/core';
import type { BackupError, MaintainedDevice, Night, ObjectStore } from '@backup-agent/core';
import type { CommandContext } from '../context.ts';
import { openStore } from '../open-repository.ts';
import { jsonOfDevice, tellDecisions, tellDevice } from './tell-device.ts';

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
  const repository = { store, device: context.device(), voidRule: true };
  const maintained = await maintainDevice(repository, night, { hasTime: () => true });
  out.json({ repository: store.location, dryRun, ...jsonOfDevice(maintained) });
  if (dryRun) tellDecisions(out, maintained.decisions);
  tellDevice(out, maintained.result, { dryRun });
  const { verification, snapshots } = maintained.result;
  return verification.findingCount > 0 || snapshots.damaged.length > 0 ? EXIT_CODES.OBJECT_DAMAGED : 0;
}

async function maintainAll(
  { out, isJson }: CommandContext,
  store: ObjectStore,
  night: Night,
  dryRun: boolean,
): Promise<number> {
  const onDevice = (device: string, outcome: MaintainedDevice | BackupError): void => {
    if (isJson) return;
    if (isBackupError(outcome)) out.line(`Device ${device}: ${outcome.message}`);
    else {
      if (dryRun) tellDecisions(out, outcome.decisions);
      tellDevice(out, outcome.result, { dryRun });
    }
  };
  const { summary, mail, report } = await maintainFleet(store, night, { hasTime: () => true, onDevice });
  out.json({ repository: store.location, dryRun, report: dryRun ? null : report, ...summary });
  out.line('');
  if (!dryRun) out.line(`Report: ${store.location}/${report}`);
  out.line(mail?.body ?? 'Nobody has to act.');
  return summary.totals.verificationFailures > 0 ? EXIT_CODES.OBJECT_DAMAGED : 0;
}
