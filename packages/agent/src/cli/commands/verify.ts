/** `verify`: checks a repository, by its structure or to the last byte. */
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { BackupError, EXIT_CODES, isNodeError, parseKey } from '@backup-agent/core';
import { parseSnapshotSelector } from '../../inspect/snapshot-selector.ts';
import { afterVerify, damageFile, hasDamage, readDamageNote, writeDamageNote } from '../../state/damage-note.ts';
import type { Cost, Finding } from '../../verify/finding.ts';
import type { VerifyRequest, VerifyResult } from '../../verify/job.ts';
import { openSegmentThreads } from '../../verify/segment-threads.ts';
import { verify } from '../../verify/verify.ts';
import type { CommandContext } from '../context.ts';
import { defineCommand } from '../define-command.ts';
import { openStore, stateFolderOf } from '../open-repository.ts';
import { formatBytes, formatCount, formatCountOf, formatDuration } from '../units.ts';

const NOTES_SHOWN = 10;

export default defineCommand({
  args: {
    snapshot: {
      type: 'positional',
      count: 'optional',
      describe: 'only what this one needs: "latest", the beginning of a name, or a time',
    },
    readData: {
      type: 'optional-text',
      value: 'share',
      describe: 'read all packs to the last byte, or a random share of them such as 5%',
    },
    concurrency: { type: 'number', value: 'n', min: 1, max: 64, describe: 'threads that unpack and hash' },
  },
  notes:
    'Without --read-data every record, index segment and catalog page is read, and packs are compared with the listing. Exit code 7: something is damaged; each damaged object is named, with what it costs.',
  examples: ['backup-agent verify', 'backup-agent verify --read-data latest', 'backup-agent verify --read-data=5%'],
  async run(args, context) {
    const snapshot = args.snapshot === undefined ? undefined : parseSnapshotSelector(args.snapshot);
    const dataShare = shareOf(args.readData);
    keepNurserySmall();
    const { access, clock, settings } = context;
    // Not the way of other commands, which ends at a damaged repository.json.
    const store = await openStore(access, { create: false });
    const voidRule = context.repositoryPlace().type === 's3';
    const began = clock.elapsed();
    const request = { snapshot, dataShare };
    const result = await verify(request, {
      repository: { store, device: context.device(), voidRule },
      openChecker: () => openSegmentThreads(args.concurrency ?? settings.concurrency.value),
      random: context.random,
      clock,
      report: context.report,
      signal: context.signal,
    });
    const isNoted = noteDamage(context, result);
    tell(context, result, { isNoted, location: store.location, request, elapsedMs: clock.elapsed() - began });
    return result.outcome === 'whole' ? 0 : EXIT_CODES.OBJECT_DAMAGED;
  },
});

/** Throws CONFIG_INVALID. */
function shareOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (text === '') return 1;
  const percent = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text)?.[1];
  const share = percent === undefined ? NaN : Number(percent) / 100;
  if (share > 0 && share <= 1) return share;
  throw new BackupError('CONFIG_INVALID', `--read-data: "${text}" is not a share`, {
    hint: 'write a percentage, for instance --read-data=5%, or nothing to read all',
  });
}

/** For the next run on this machine. Whether any damage is noted now. */
function noteDamage({ access, folders, repositoryPlace, report }: CommandContext, { packs }: VerifyResult): boolean {
  const file = damageFile(stateFolderOf(access, repositoryPlace(), folders.state));
  try {
    const note = afterVerify(readDamageNote(file), packs);
    if (hasDamage(note) || existsSync(file)) writeDamageNote(file, note);
    return hasDamage(note);
  } catch (error) {
    if (!isNodeError(error)) throw error;
    report({ type: 'warning', message: `${file} cannot be written, so the next run will not know: ${error.message}` });
    return false;
  }
}

interface Told {
  readonly isNoted: boolean;
  readonly location: string;
  readonly request: VerifyRequest;
  readonly elapsedMs: number;
}

function tell(context: CommandContext, result: VerifyResult, { isNoted, location, request, elapsedMs }: Told): void {
  const { out, verbose } = context;
  const { counts, findings, outcome, snapshots } = result;
  const { dataShare } = request;
  const part = request.snapshot === undefined ? '' : 'that this snapshot needs ';
  const device = context.device();
  const exitCode = outcome === 'whole' ? 0 : EXIT_CODES.OBJECT_DAMAGED;
  out.json({ device, repository: location, outcome, exitCode, dataShare, snapshots, counts, findings, elapsedMs });
  const damage = findings.filter(({ severity }) => severity === 'damage');
  const notes = findings.filter(({ severity }) => severity === 'note');
  out.line(`Device ${device} in ${location}, ${formatDuration(elapsedMs)}`);
  out.line(
    `  ${formatCountOf(counts.snapshots, 'snapshot')} with ${formatCountOf(counts.entries, 'entry', 'entries')} on ${formatCountOf(counts.pages, 'catalog page')}; ${formatCountOf(counts.objects, 'object')}, ${formatCountOf(counts.packs, 'pack')} of them`,
  );
  out.line(`  ${readLine(result)}`);
  if (counts.packsArchived > 0)
    out.line(
      `  ${formatCountOf(counts.packsArchived, 'pack lies', 'packs lie')} in an archive: seen to be there, never read`,
    );
  if (verbose || notes.length <= NOTES_SHOWN) for (const { key, what } of notes) out.line(`Note: ${key}: ${what}`);
  else out.line(`${formatCount(notes.length)} notes: --verbose shows them`);
  for (const finding of damage) tellDamage(out, finding);
  if (damage.length === 0)
    out.line(dataShare < 1 || counts.packsArchived > 0 ? 'No damage was found.' : `All ${part}is whole.`);
  else for (const line of adviceFor(damage, { dataShare, isNoted })) out.line(line);
}

function readLine({ counts }: VerifyResult): string {
  if (counts.packsRead === 0) return 'No pack was read: --read-data does that';
  const read = counts.packsRead === counts.packs ? 'all' : formatCount(counts.packsRead);
  return `Read ${read} packs, ${formatBytes(counts.bytesRead)}: ${formatCountOf(counts.chunks, 'chunk')}`;
}

function tellDamage(out: CommandContext['out'], { key, what, costs }: Finding): void {
  out.line(`Damaged: ${key}`);
  out.line(`  ${what}`);
  if (costs === undefined) return;
  if (costs.snapshots.length === 0) {
    out.line('  it costs no snapshot anything: nothing needs what is lost, or it can be found otherwise');
    return;
  }
  out.line(`  ${costs.certain ? 'it costs' : 'it may cost'} ${entriesOf(costs)} in ${snapshotsOf(costs)}`);
  for (const path of costs.paths) out.line(`    ${path}`);
  if (costs.entries > costs.paths.length) out.line('    and others, or other versions of these');
}

const entriesOf = ({ entries }: Cost): string =>
  entries === 0 ? 'what it held' : formatCountOf(entries, 'entry', 'entries');

function snapshotsOf({ snapshots }: Cost): string {
  const [newest] = snapshots;
  if (snapshots.length === 1) return `snapshot ${newest}`;
  return `${formatCount(snapshots.length)} snapshots, the newest of them ${newest}`;
}

/** What a person can do. */
function adviceFor(
  damage: readonly Finding[],
  { dataShare, isNoted }: { readonly dataShare: number; readonly isNoted: boolean },
): string[] {
  const packs = damage.filter(({ key }) => parseKey(key)?.type === 'pack');
  const missing = packs.filter(({ what }) => what === 'missing');
  const lines = [
    `${formatCountOf(damage.length, 'object is', 'objects are')} damaged; nothing else that was checked is.`,
    'What is not named here can be restored: "backup-agent restore" names what it cannot, and restores the rest.',
  ];
  if (missing.length > 0)
    lines.push('Of packs that are missing the next run saves anew what is still on the disk and in its folders.');
  if (packs.length > missing.length && isNoted)
    lines.push(
      'What is damaged in packs that are there is noted on this machine: its next run reads the files again that need it, saves anew what is still on the disk, and names what is not.',
    );
  if (dataShare < 1) lines.push('Not everything was read: "backup-agent verify --read-data" tells all.');
  return lines;
}

/** See `run`: looking at young objects sooner costs nothing and saves memory. */
function keepNurserySmall(): void {
  setFlagsFromString('--max-semi-space-size=2');
  setFlagsFromString('--semi-space-growth-factor=1');
}
