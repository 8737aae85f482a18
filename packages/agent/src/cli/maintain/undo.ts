/** `maintain --undo`: brings back what a night removed, while the bucket still keeps the bytes. */
import { BackupError, EXIT_CODES, isRunId, readHold, readRepositoryFile, undoNight } from '@backup-agent/core';
import type { CommandContext } from '../context.ts';
import { s3Options } from '../open-repository.ts';
import { formatCountOf, formatDuration } from '../units.ts';

export async function undo(night: string, context: CommandContext): Promise<number> {
  const { out, clock, random, report, signal, surroundings } = context;
  if (!isRunId(night))
    throw new BackupError('CONFIG_INVALID', `--undo: "${night}" is not the name of a night`, {
      hint: 'reports name it, for instance 20260105T020000Z-0a1b2c3d',
    });
  const place = context.repositoryPlace();
  if (place.type === 'local')
    throw new BackupError('CONFIG_INVALID', 'what maintenance removed from a local repository cannot be brought back', {
      hint: 'only buckets keep the bytes of what was removed, for some days',
    });
  const device = context.device();
  const { openS3Store } = await import('@backup-agent/core/s3');
  const store = await openS3Store(s3Options(context.access, place));
  await readRepositoryFile(store);
  const by = `${surroundings.user}@${surroundings.host}`;
  const wait = (ms: number): Promise<void> => {
    report({
      type: 'note',
      message: `Waiting ${formatDuration(ms)}, until no run can commit that has not seen what is marked.`,
    });
    return clock.wait(ms, signal);
  };
  const undone = await undoNight({ store, device, voidRule: true }, night, { now: clock.now(), random, by, wait });
  out.json({ repository: store.location, device, night, ...undone });
  out.line(
    `Brought back ${formatCountOf(undone.snapshots.length, 'snapshot')} and ${formatCountOf(undone.packs, 'pack')} of ${device}.`,
  );
  for (const name of undone.snapshots) out.line(`  ${name} (pinned)`);
  for (const key of undone.gone) out.line(`  gone for good: ${key}`);
  if (undone.packs > 0 && undone.snapshots.length === 0)
    out.line('No snapshot came back: what needs these packs is there, or went in an earlier night. Undo that, too.');
  const hold = await readHold(store, device);
  out.line(
    hold?.word.state === 'held'
      ? `Nothing of ${device} is removed until "backup-agent hold clear ${device}".`
      : `Somebody has cleared the hold of ${device} meanwhile: what is not pinned may go again.`,
  );
  if (undone.removedMeanwhile > 0)
    out.line(`${formatCountOf(undone.removedMeanwhile, 'object')} went meanwhile: undo this night once more.`);
  return undone.gone.length + undone.removedMeanwhile > 0 ? EXIT_CODES.INCOMPLETE : 0;
}
