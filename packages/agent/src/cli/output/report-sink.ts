/** Where events go: the progress line, sentences on stderr, JSON lines on stdout, the log file. */
import type { AgentEvent, Report } from '../../events.ts';
import type { LogFile } from './log-file.ts';
import { printable } from './printable.ts';
import type { ProgressLine } from './progress-line.ts';
import type { Redact } from './redact.ts';

/** What is told on stderr. `quiet`: only what could not be read or restored; `verbose`: details too. */
export type Loudness = 'quiet' | 'normal' | 'verbose';

export interface ReportSinkOptions {
  readonly writeError: (text: string) => void;
  readonly loudness: Loudness;
  readonly progress: ProgressLine | undefined;
  /** For --json --progress. */
  readonly onEvent: (event: AgentEvent) => void;
  readonly log: LogFile | undefined;
  readonly redact: Redact;
  readonly yellow: (text: string) => string;
}

export function openReportSink(options: ReportSinkOptions): Report {
  const { writeError, loudness, progress, onEvent, log, redact, yellow } = options;
  return (event) => {
    onEvent(event);
    log?.event(event);
    if (event.type === 'progress') return loudness === 'quiet' ? undefined : progress?.update(event.phase, event);
    if (event.type === 'pack-uploaded' && loudness !== 'quiet') progress?.addMoved(event.bytes);
    const sentence = sentenceOf(event, loudness);
    if (sentence === undefined) return;
    progress?.clear();
    const safe = printable(redact(sentence));
    writeError(`${isTrouble(event) ? yellow(safe) : safe}\n`);
  };
}

const isTrouble = (event: AgentEvent): boolean => event.type === 'problem' || event.type === 'warning';

function sentenceOf(event: AgentEvent, loudness: Loudness): string | undefined {
  // What could not be read is a part of the outcome.
  if (loudness === 'quiet' && event.type !== 'problem') return undefined;
  switch (event.type) {
    case 'problem':
      return `${event.path}: ${event.reason}`;
    case 'warning':
      return `warning: ${event.message}`;
    case 'note':
      return event.message;
    default:
      return loudness === 'verbose' ? detailOf(event) : undefined;
  }
}

function detailOf(event: AgentEvent): string | undefined {
  switch (event.type) {
    case 'detail':
      return event.message;
    case 'pack-uploaded':
      return `uploaded ${event.key} (${event.bytes} bytes)`;
    case 'checkpoint-written':
      return `wrote ${event.key}`;
    case 'snapshot-committed':
      return `committed ${event.key}`;
    default:
      return undefined;
  }
}
