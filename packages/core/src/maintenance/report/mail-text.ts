/** The one mail of a night, for people who read it on a phone before breakfast. */
import type { NightAction, NightSummary } from './night-summary.ts';
import { countInWords, countOf, timeInWords } from './quantities.ts';
import { visibleText } from './visible-text.ts';

export interface MailText {
  readonly subject: string;
  readonly body: string;
}

/** SNS takes less than 100 characters, ASCII, without line breaks. */
export const SUBJECT_CHARS_MAX = 99;
/** SNS takes 256 KiB; a mail is for reading, so it stays well below. */
export const BODY_BYTES_MAX = 128 * 1024;
/** The mail names this many devices of each problem; the report has all. */
const DEVICES_NAMED_MAX = 50;
const DETAIL_CHARS_MAX = 300;

/** Undefined: nobody has to act, so no mail. `reportPlace` says where the report lies, if there is one. */
export function mailText(summary: NightSummary, reportPlace: string | undefined): MailText | undefined {
  const [first, ...others] = summary.actions;
  if (first === undefined) return undefined;
  const more = others.length === 0 ? '' : ` (and ${countOf(others.length, 'more problem')})`;
  return { subject: asciiLine(`Backups: ${first.title}${more}`), body: bodyOf(summary, reportPlace) };
}

function asciiLine(text: string): string {
  const ascii = text.replace(/[^\x20-\x7e]/g, '?');
  return ascii.length <= SUBJECT_CHARS_MAX ? ascii : `${ascii.slice(0, SUBJECT_CHARS_MAX - 3)}...`;
}

function bodyOf(summary: NightSummary, reportPlace: string | undefined): string {
  const place = reportPlace === undefined ? [] : ['', `The report of this night: ${visibleText(reportPlace, 2000)}`];
  const footer = [...place, ''];
  let bytesLeft = BODY_BYTES_MAX - bytesOf(footer) - bytesOf([CUT_SHORT]);
  const lines: string[] = [];
  for (const line of [...opening(summary), ...summary.actions.flatMap(problem)]) {
    bytesLeft -= bytesOf([line]);
    if (bytesLeft < 0) return [...lines, CUT_SHORT, ...footer].join('\n');
    lines.push(line);
  }
  return [...lines, ...footer].join('\n');
}

const CUT_SHORT = 'There is more than a mail can hold: see the report.';

const bytesOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);

function opening({ rows, totals, began, ended }: NightSummary): string[] {
  const concerned = rows.filter((row) => row.problems.length > 0).length;
  const need = concerned === 1 ? 'needs' : 'need';
  return [
    `${countOf(concerned, 'device')} of ${countInWords(Math.max(concerned, totals.devices))} ${need} somebody to look. All times are UTC.`,
    `The night began at ${timeInWords(began)} and ended at ${timeInWords(ended)}.`,
  ];
}

function problem(action: NightAction, index: number): string[] {
  const named = action.devices.slice(0, DEVICES_NAMED_MAX);
  const unnamed = action.deviceCount - named.length;
  return [
    '',
    `${index + 1}. ${visibleText(action.title, DETAIL_CHARS_MAX)}`,
    '',
    action.meaning,
    `What to do: ${action.todo}`,
    '',
    ...named.flatMap(({ device, detail, command, isNew }) => [
      `  ${device}${isNew ? ' (new)' : ''}: ${visibleText(detail, DETAIL_CHARS_MAX)}`,
      `      ${command}`,
    ]),
    ...(unnamed > 0 ? [`  and ${countInWords(unnamed)} more`] : []),
  ];
}
