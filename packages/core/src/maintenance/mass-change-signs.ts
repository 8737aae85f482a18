/**
 * The signs of ransomware in one run, or in a week of runs, against the runs before. Each gives a sentence for an
 * administrator or nothing. docs/anomalies.md tells what each sees, what none sees, and how often they are wrong.
 */
import {
  count,
  files,
  incompressibleRewrittenShare,
  incompressibleShare,
  median,
  percent,
  rewrittenOf,
  rewrittenShare,
  shareOf,
} from './change-figures.ts';
import type { ChangeFigures } from './change-figures.ts';
import { deviceText } from './device-text.ts';

/** With fewer runs before there is no telling what is usual. */
const BASELINE_RUNS_MIN = 3;
/** Fewer files than this are a person's work. */
const FILES_MIN = 100;
/** Over a week twice as much: a person works on more files then. */
const WEEK_FILES_MIN = 200;
/** Of the known files, rewritten in one run with content that looks encrypted; that does so for the first time; with any. */
const REWRITTEN_SHARE = 0.25;
const REWRITTEN_SHARE_OF_NEW_KIND = 0.1;
const REWRITTEN_SHARE_OF_ANY_KIND = 0.5;
/** And over a week. */
const WEEK_REWRITTEN_SHARE = 0.5;
/** Encrypted content does not compress at all, but a day's work and the mailbox are in the same run. */
const INCOMPRESSIBLE_SHARE = 0.8;
/** Content is of a new kind if that share is so much above the device's median. */
const INCOMPRESSIBLE_RISE = 0.4;
/** Runs with fewer new chunks say nothing about the kind of content. */
const CHUNKS_MIN = 10;
/** Of the new files, those with one ending that is new; they are so many of the known ones, or a person converted some. */
const ENDING_SHARE = 0.5;
const RENAMED_SHARE = 0.01;
/** It is not new if a run before had a tenth as many: a backup may fall into the first minute of an attack. */
const ENDING_KNOWN_SHARE = 0.1;
/** As many files as got that ending must be gone: at least, at most. */
const RENAMED_MIN = 0.7;
const RENAMED_MAX = 2;
/** Source code that got another ending compresses; documents, mostly compressed already, do not even if half-encrypted. */
const RENAMED_INCOMPRESSIBLE_SHARE = 0.5;

/** Why the run looks like ransomware at work. `before`: its baseline, newest first. */
export function signsOfRun(run: ChangeFigures, before: readonly ChangeFigures[]): string[] {
  return [renamedToNewEnding(run, before), rewrittenAtOnce(run, before)].filter((sign) => sign !== undefined);
}

/** Needs no history: files are gone, and as many with new content came with an ending that is not common here. */
function renamedToNewEnding(run: ChangeFigures, before: readonly ChangeFigures[]): string | undefined {
  const [top] = [...run.endings].sort((a, b) => b.files - a.files);
  if (top === undefined || top.files < FILES_MIN || isKnownEnding(top, before)) return undefined;
  if (shareOf(top.files, run.created) < ENDING_SHARE || shareOf(top.files, run.known) < RENAMED_SHARE) return undefined;
  if (run.deleted < top.files * RENAMED_MIN || run.deleted > top.files * RENAMED_MAX) return undefined;
  if (run.replaced < top.files / 2) return undefined; // Moved or only renamed: their content is stored already.
  if (incompressibleShare(run) < RENAMED_INCOMPRESSIBLE_SHARE) return undefined;
  const ending = top.ending === '' ? 'no ending' : `the ending "${deviceText(top.ending, top.ending.length)}"`;
  return `${files(top.files)} with new content appeared with ${ending}, which was not common here before, and ${files(run.deleted)} of ${count(run.known)} are gone`;
}

const isKnownEnding = (top: ChangeFigures['endings'][number], before: readonly ChangeFigures[]): boolean =>
  before.some(({ endings }) =>
    endings.some(({ ending, files }) => ending === top.ending && files >= top.files * ENDING_KNOWN_SHARE),
  );

function rewrittenAtOnce(run: ChangeFigures, before: readonly ChangeFigures[]): string | undefined {
  if (before.length < BASELINE_RUNS_MIN || rewrittenOf(run) < FILES_MIN) return undefined;
  const share = rewrittenShare(run);
  const most = Math.max(...before.map(rewrittenShare));
  // Source code that another branch replaced says nothing about how many photos are usual.
  const mostIncompressible = Math.max(...before.map(incompressibleRewrittenShare));
  const isEncrypted = share >= REWRITTEN_SHARE && isFarAbove(share, mostIncompressible);
  const isNewHere = share >= REWRITTEN_SHARE_OF_NEW_KIND && isFarAbove(share, most) && isOfNewKind(run, before);
  const isHalf = share >= REWRITTEN_SHARE_OF_ANY_KIND && isFarAbove(share, most);
  if (!isHalf && !(looksEncrypted(run) && (isEncrypted || isNewHere))) return undefined;
  return `${rewritten(run)}; the ${before.length} runs before rewrote at most ${percent(most)}`;
}

const looksEncrypted = (run: ChangeFigures): boolean =>
  run.chunksNew > 0 && incompressibleShare(run) >= INCOMPRESSIBLE_SHARE;

function isOfNewKind(run: ChangeFigures, before: readonly ChangeFigures[]): boolean {
  const telling = before.filter(({ chunksNew }) => chunksNew >= CHUNKS_MIN);
  if (telling.length < BASELINE_RUNS_MIN || run.chunksNew < CHUNKS_MIN) return false;
  // Rounded: 0.9 - 0.5 is not quite 0.4.
  const rise = incompressibleShare(run) - median(telling.map(incompressibleShare));
  return Math.round(rise * 1000) >= INCOMPRESSIBLE_RISE * 1000;
}

/** Why a week of runs, newest first, looks so although none of them does. */
export function signOfWeek(week: readonly ChangeFigures[], before: readonly ChangeFigures[]): string | undefined {
  if (week.length < 2 || before.length < BASELINE_RUNS_MIN) return undefined;
  const all = week.reduce(added);
  const share = rewrittenShare(all);
  if (!looksEncrypted(all) || share < WEEK_REWRITTEN_SHARE || rewrittenOf(all) < WEEK_FILES_MIN) return undefined;
  const usual = (week.length * sum(before.map(incompressibleRewrittenShare))) / before.length;
  if (!isFarAbove(share, usual)) return undefined;
  return `in ${week.length} runs of a week together, ${rewritten(all)}; so many runs before it rewrote ${percent(usual)} so`;
}

const added = (a: ChangeFigures, b: ChangeFigures): ChangeFigures => ({
  ...a,
  known: Math.max(a.known, b.known),
  changed: a.changed + b.changed,
  deleted: a.deleted + b.deleted,
  replaced: a.replaced + b.replaced,
  created: a.created + b.created,
  chunksNew: a.chunksNew + b.chunksNew,
  chunksIncompressible: a.chunksIncompressible + b.chunksIncompressible,
});

/** Three times what is usual; near everything, where three times does not fit, twice. */
const isFarAbove = (share: number, usual: number): boolean => share > 3 * usual || (share >= 0.9 && share > 2 * usual);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const rewritten = (run: ChangeFigures): string =>
  `${files(rewrittenOf(run))} of ${count(run.known)} (${percent(rewrittenShare(run))}) got other content - ${count(run.changed)} under the same name, ${count(run.replaced)} under another; ${percent(incompressibleShare(run))} of what is new does not compress`;
