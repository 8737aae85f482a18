/** `restore`: brings files back. */
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { BackupError, EXIT_CODES, THAW_SPEEDS } from '@backup-agent/core';
import { parseSnapshotSelector } from '../../inspect/snapshot-selector.ts';
import type { RestoreResult } from '../../restore/job.ts';
import { restore } from '../../restore/restore.ts';
import { openWriterThreads } from '../../restore/writer-threads.ts';
import type { CommandContext } from '../context.ts';
import { expandHome } from '../config/config-file.ts';
import { defineCommand } from '../define-command.ts';
import { machineTools } from '../machine-tools.ts';
import { chooseThaw, thawLines } from '../thaw-text.ts';
import { formatBytes, formatCount, formatCountOf, formatDuration, formatTime } from '../units.ts';

const PROBLEMS_SHOWN = 20;
/** Long enough for a restore that takes a weekend. */
const THAW_DAYS = 7;

export default defineCommand({
  args: {
    snapshot: { type: 'positional', count: 'one', describe: '"latest", the beginning of a name, or a time' },
    paths: { type: 'positional', count: 'rest', describe: 'what to restore, as it was named on its machine' },
    target: { type: 'text', value: 'dir', describe: 'folder to restore into; made if it is missing' },
    include: { type: 'list', value: 'pattern', describe: 'only what matches (gitignore syntax)' },
    exclude: { type: 'list', value: 'pattern', describe: 'not what matches (gitignore syntax)' },
    overwrite: {
      type: 'text',
      value: 'when',
      choices: ['never', 'changed', 'always'],
      describe: 'replace files that are there: never (default), changed (other size or time), always',
    },
    delta: {
      type: 'flag',
      describe: 'replace changed files (--overwrite changed), and write only the parts of them that differ, in place',
    },
    verify: { type: 'flag', describe: 'read every file back after it is written' },
    dryRun: { type: 'flag', describe: 'say what would be restored, and restore nothing' },
    noSparse: { type: 'flag', describe: 'write zeros where files had holes' },
    fsync: { type: 'flag', describe: 'wait until every file is on the disk' },
    thaw: {
      type: 'text',
      value: 'speed',
      choices: THAW_SPEEDS,
      describe: 'what lies in an archive (Glacier) is thawed without a question: bulk, standard, expedited',
    },
    thawDays: { type: 'number', value: 'n', min: 1, max: 365, describe: 'how long what is thawed can be read (7)' },
    noWait: { type: 'flag', describe: 'do not wait for what is thawed: the same command restores it later' },
    concurrency: { type: 'number', value: 'n', min: 1, max: 64, describe: 'threads that unpack and write' },
  },
  notes:
    'With one root in the snapshot, or one path asked for, its contents go directly into the target; otherwise each root gets a folder of its own. Exit code 3: something could not be restored, each thing is named; all else was. What lies in an archive is thawed first; at a terminal you are asked before, with what it costs and how long it takes.',
  examples: [
    'backup-agent restore latest --target ~/restored',
    'backup-agent restore "2026-11-20 14:00" ~/Documents/offer.odt --target ~/restored',
  ],
  async run(args, context) {
    if (args.target === undefined)
      throw new BackupError('CONFIG_INVALID', 'restore needs --target', { hint: 'name the folder to restore into' });
    const snapshot = parseSnapshotSelector(args.snapshot);
    keepNurserySmall();
    const { settings, surroundings, clock } = context;
    const { workingFolder, home } = surroundings;
    const place = context.repositoryPlace();
    const { repository, pageCache } = await context.openRepository({ despiteDamage: true });
    const began = clock.elapsed();
    const result = await restore(
      {
        snapshot,
        target: path.resolve(workingFolder, expandHome(args.target, home)),
        paths: args.paths.map((text) => expandHome(text, home)),
        include: args.include,
        exclude: args.exclude,
        overwrite: overwriteOf(args.overwrite, args.delta),
        delta: args.delta,
        verify: args.verify,
        dryRun: args.dryRun,
        fsync: args.fsync,
        sparse: !args.noSparse,
        concurrency: args.concurrency ?? settings.concurrency.value,
        thaw: {
          days: args.thawDays ?? THAW_DAYS,
          wait: !args.noWait,
        },
      },
      {
        repository,
        pageCache,
        repositoryFolder: place.type === 'local' ? place.path : undefined,
        system: {
          platform: surroundings.platform,
          uid: surroundings.userId,
          gid: surroundings.groupId,
          groups: surroundings.groupIds,
        },
        openWriters: openWriterThreads,
        random: context.random,
        clock,
        chooseThaw: (need) =>
          chooseThaw(need, { ...context, wanted: THAW_SPEEDS.find((speed) => speed === args.thaw) }),
        report: context.report,
        signal: context.signal,
        ...machineTools(context),
      },
    );
    tellResult(context, result, { isDry: args.dryRun, tookMs: clock.elapsed() - began });
    return result.outcome === 'complete' ? 0 : EXIT_CODES.INCOMPLETE;
  },
});

/** Parts can only be written into a file that may be changed. */
function overwriteOf(text: string | undefined, delta: boolean): 'never' | 'changed' | 'always' {
  if (text === 'changed' || text === 'always') return text;
  if (delta && text === 'never')
    throw new BackupError('CONFIG_INVALID', '--delta changes files that are there, --overwrite never forbids it', {
      hint: 'leave one of the two out',
    });
  return delta ? 'changed' : 'never';
}

function tellResult(
  { out }: CommandContext,
  result: RestoreResult,
  { isDry, tookMs }: { isDry: boolean; tookMs: number },
) {
  const { counts, problems, problemCount, renamed } = result;
  out.json({ ...result, dryRun: isDry, exitCode: result.outcome === 'complete' ? 0 : EXIT_CODES.INCOMPLETE });
  out.line(`Snapshot ${result.snapshot} of ${formatTime(result.landed)}`);
  const others = [
    formatCountOf(counts.folders, 'folder'),
    ...(counts.symlinks > 0 ? [formatCountOf(counts.symlinks, 'symlink')] : []),
    ...(counts.hardLinks > 0 ? [formatCountOf(counts.hardLinks, 'hard link')] : []),
    ...(counts.fifos > 0 ? [formatCountOf(counts.fifos, 'FIFO')] : []),
  ].join(', ');
  const verb = isDry ? 'would be restored to' : 'restored to';
  out.line(
    `  ${formatCountOf(counts.files, 'file')}, ${formatBytes(counts.bytes)}, ${others} ${verb} ${result.target}`,
  );
  if (!isDry) out.line(`  ${formatBytes(counts.bytesFetched)} fetched, ${formatDuration(tookMs)}`);
  if (counts.unchanged > 0) out.line(`  ${formatCount(counts.unchanged)} were there already as they should be`);
  if (counts.kept > 0) out.line(`  ${formatCount(counts.kept)} were there already and were kept`);
  if (counts.keptDifferent > 0)
    out.line(
      `  ${formatCount(counts.keptDifferent)} of them differ from the snapshot (--overwrite changed replaces them)`,
    );
  if (result.thaw !== null) for (const line of thawLines(result.thaw)) out.line(line);
  for (const { path: from, as } of renamed.slice(0, PROBLEMS_SHOWN)) out.line(`  ${from} is restored as ${as}`);
  if (problemCount === 0) return;
  out.line(`${formatCount(problemCount)} could not be restored:`);
  for (const { path: name, reason } of problems.slice(0, PROBLEMS_SHOWN))
    out.line(name === '' ? `  ${reason}` : `  ${name}: ${reason}`);
  if (problemCount > PROBLEMS_SHOWN) out.line(`  ... and ${formatCount(problemCount - PROBLEMS_SHOWN)} more`);
}

/** As in `run`: looking sooner for what has died costs nothing and saves 100 MB. */
function keepNurserySmall(): void {
  setFlagsFromString('--max-semi-space-size=2');
  setFlagsFromString('--semi-space-growth-factor=1');
}
