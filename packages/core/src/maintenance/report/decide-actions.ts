/** What people should do after a night, in plain words and with the command to type. */
import type { DeviceId } from '../../ids.ts';
import { ACTION_DEVICES_MAX, ACTION_KINDS, ROW_TEXT_CHARS_MAX } from './night-summary.ts';
import type { ActionKind, DeviceRow, NightAction } from './night-summary.ts';
import { ageInWords, countOf, timeInWords } from './quantities.ts';
import type { NightFacts } from './summarise-night.ts';
import { cutText } from './visible-text.ts';

/** Most urgent first; empty: nobody has to act. `rows` are in the order in which devices are named. */
export function decideActions(
  rows: readonly DeviceRow[],
  { previous, reposted }: Pick<NightFacts, 'previous' | 'reposted'>,
): NightAction[] {
  const problemsBefore = new Map(previous?.rows.map((row) => [row.device, row.problems]));
  return ACTION_KINDS.flatMap((kind) => {
    const concerned = rows.filter((row) => row.problems.includes(kind));
    if (concerned.length === 0) return [];
    const isNew = (row: DeviceRow): boolean => problemsBefore.get(row.device)?.includes(kind) !== true;
    const words = WORDS[kind];
    return {
      kind,
      title: words.title(
        concerned.length === 1 && concerned[0] ? concerned[0].device : countOf(concerned.length, 'device'),
      ),
      meaning: words.meaning,
      todo: words.todo,
      deviceCount: concerned.length,
      newCount: concerned.filter(isNew).length,
      devices: concerned.slice(0, ACTION_DEVICES_MAX).map((row) => ({
        device: row.device,
        detail: cutText(words.detail(row, reposted.includes(row.device)), ROW_TEXT_CHARS_MAX),
        command: words.command(row.device, row),
        isNew: isNew(row),
      })),
    };
  });
}

interface Words {
  /** `who` is a device's id or a number of devices. ASCII: it becomes the subject of a mail. */
  readonly title: (who: string) => string;
  readonly meaning: string;
  readonly todo: string;
  readonly detail: (row: DeviceRow, isReposted: boolean) => string;
  readonly command: (device: DeviceId, row: DeviceRow) => string;
}

const WORDS: Readonly<Record<ActionKind, Words>> = {
  flagged: {
    title: (who) => `Unusual changes on ${who}: ransomware?`,
    meaning:
      'Very much changed at once. Ransomware that encrypts documents looks like this; so does somebody who moves or converts a large folder.',
    todo: 'Look at the machine and ask its user before you do anything else. If it was an attack, take the machine off the network and restore from a backup before the change. If all is well, clear the hold (`backup-agent hold clear <device>`): as long as it lasts nothing of the device is removed.',
    detail: (row) => row.details.massChange.join('; ') || 'Unusual changes.',
    command: (device, { hold }) => `backup-agent hold ${hold === null ? 'set' : 'clear'} ${device}`,
  },
  damaged: {
    title: (who) => `Backups of ${who} are damaged`,
    meaning:
      'Stored objects are missing or not what they were. Files that need them cannot be restored from the backups named.',
    todo: 'Find out what is concerned with the command below. Packs that were removed by mistake can be brought back for some days (`backup-agent maintain --undo`). The next run of the device saves again what is still on it.',
    detail: damageOf,
    command: (device) => `backup-agent verify --device ${device}`,
  },
  never: {
    title: (who) => `No backup yet of ${who}`,
    meaning: 'Backups of it are expected, but none was ever finished, and nothing is on its way.',
    todo: 'On that machine, type the command below: it backs up, or names what keeps it from that. If the machine does not exist any more, type `backup-agent device retire <device>`.',
    detail: (row) => lastFailureOf(row) ?? 'No backup has ever been finished.',
    command: (device) => `backup-agent run --device ${device}`,
  },
  stale: {
    title: (who) => `No recent backup of ${who}`,
    meaning:
      'These devices have not finished a backup for too long. What was written on them since is on no other disk.',
    todo: 'Is the machine switched off, or somebody away? Then nothing is wrong. Otherwise type the command below on it: it backs up, or names what keeps it from that. If it is gone for good, type `backup-agent device retire <device>`.',
    detail: (row) => [`Last good backup: ${lastGoodOf(row)}.`, lastFailureOf(row) ?? ''].join(' ').trim(),
    command: (device) => `backup-agent run --device ${device}`,
  },
  unheard: {
    title: (who) => `No result of this night for ${who}`,
    meaning:
      'The nightly job did not finish with these devices: it is not known whether their backups are whole and recent.',
    todo: 'The next night tries again. If they are named here twice in a row, look at the log of the nightly job, or type the command below to see what is wrong.',
    detail: (row, isReposted) =>
      `${isReposted ? 'Begun twice, without a result. ' : ''}Last known good backup: ${lastGoodOf(row)}.`,
    command: (device) => `backup-agent maintain --dry-run --device ${device}`,
  },
  refused: {
    title: (who) => `Nothing old was removed of ${who}`,
    meaning: 'No backup is lost, but what has expired stays, and its storage has to be paid for.',
    todo: 'Each reason is named. Where no policy is stored, set one with `backup-agent maintain --set-policy`. To see what a night would do, type the command below.',
    detail: (row) => row.details.refusals.map(({ message }) => message).join('; ') || 'The reason is in the report.',
    command: (device) => `backup-agent maintain --dry-run --device ${device}`,
  },
  held: {
    title: (who) => `Still on hold: ${who}`,
    meaning:
      'As long as the hold lasts nothing of the device is removed, and its storage grows. You are reminded once a week.',
    todo: 'If the hold is not needed any more, clear it.',
    detail: ({ hold }) =>
      hold === null ? 'On hold.' : `Since ${timeInWords(hold.since)} UTC, by ${hold.by}: ${hold.reason}`,
    command: (device) => `backup-agent hold clear ${device}`,
  },
};

function damageOf({ details, findingCount }: DeviceRow): string {
  const [first] = details.findings;
  if (first === undefined) return `${countOf(findingCount, 'finding')}.`;
  const snapshots = first.snapshots.length === 0 ? '' : `, needed by ${first.snapshots.join(', ')}`;
  return `${findingCount > 1 ? `${countOf(findingCount, 'finding')}, the first: ` : ''}${first.what}: ${first.key}${snapshots}`;
}

const lastGoodOf = ({ lastGood, ageHours }: DeviceRow): string =>
  lastGood === null
    ? 'none'
    : `${timeInWords(lastGood.landed)} UTC${ageHours === null ? '' : `, ${ageInWords(ageHours)} ago`}`;

function lastFailureOf({ details }: DeviceRow): string | undefined {
  const [run] = details.failedRuns;
  return run && `Its last run failed (${run.code}): ${run.message}`;
}
