/** What thawing costs and how long it takes, for people, and their answer. */
import { BackupError } from '@backup-agent/core';
import type { ThawOffer, ThawSpeed } from '@backup-agent/core';
import { hoursText } from '../restore/thaw-packs.ts';
import type { ThawNeed } from '../restore/thaw-packs.ts';
import type { CommandContext } from './context.ts';
import { formatBytes, formatCount, formatCountOf, formatUsd } from './units.ts';

/** Somebody who types something else so often wants none. */
const QUESTIONS_MAX = 3;

interface Deciding extends Pick<CommandContext, 'ask' | 'report'> {
  /** Said on the command line. */
  readonly wanted: ThawSpeed | undefined;
}

/**
 * What was said beforehand, or a person at the terminal says. Throws STOPPED_EARLY if they say no, OBJECT_ARCHIVED if there
 * is nobody to ask.
 */
export async function chooseThaw(need: ThawNeed, { wanted, ask, report }: Deciding): Promise<ThawSpeed> {
  const said = need.offers.find(({ speed }) => speed === wanted);
  if (said !== undefined) report({ type: 'note', message: `${capitalized(needText(need))}: ${offerText(said)}.` });
  if (wanted !== undefined) return wanted;
  if (ask === undefined)
    throw new BackupError('OBJECT_ARCHIVED', `nothing is restored: ${needText(need)}`, {
      hint: `restore again with --thaw and how fast: ${need.offers.map(offerText).join(', ')}`,
    });
  for (const message of thawLines(need)) report({ type: 'note', message });
  const answers = [...need.offers.map(({ speed }) => speed), 'no'];
  for (let question = 1; question <= QUESTIONS_MAX; question++) {
    const answer = (await ask(`Thaw them? [${answers.join('/')}] `)).trim().toLowerCase();
    const offer = need.offers.find(({ speed }) => speed === answer);
    if (offer !== undefined) return offer.speed;
    if ('no'.startsWith(answer)) break;
  }
  throw new BackupError('STOPPED_EARLY', 'nothing is thawed, and nothing restored');
}

/** The need, and a line for each way to meet it. */
export function thawLines(need: ThawNeed): string[] {
  const rows = need.offers.map(({ speed, usd, ...hours }) => [speed, hoursText(hours), aboutUsd(usd)] as const);
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  return [
    `${capitalized(needText(need))}.`,
    `What is thawed can be read for ${formatCountOf(need.days, 'day')} (--thaw-days). By list prices of us-west-2, without sending it out of AWS:`,
    ...rows.map(([speed, hours, usd]) => `  ${speed.padEnd(width(0))}  ${hours.padEnd(width(1))}  ${usd}`),
  ];
}

function needText({ packs, bytes, packsNeeded }: ThawNeed): string {
  const all = packsNeeded === 1 ? 'the pack' : `the ${formatCount(packsNeeded)} packs`;
  const what = packs === packsNeeded ? all : `${formatCount(packs)} of ${all}`;
  const lie = packs === 1 ? 'lies' : 'lie';
  return `${what} that this restore needs (${formatBytes(bytes)}) ${lie} in an archive and must be thawed first`;
}

const offerText = ({ speed, usd, ...hours }: ThawOffer): string => `${speed} (${hoursText(hours)}, ${aboutUsd(usd)})`;

const aboutUsd = (usd: number): string => (usd < 0.01 ? 'less than $0.01' : `about $${formatUsd(usd)}`);

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
