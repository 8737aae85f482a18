/** One line on a terminal that shows how far the work has come. Drawing is apart from measuring, so that it is testable. */
import type { Progress } from '../../events.ts';
import { formatBytes, formatClockDuration, formatCount } from '../units.ts';
import { clip } from './printable.ts';

/** The rate is that of the last so many ms: fast enough to follow, slow enough to read. */
const RATE_WINDOW_MS = 8_000;
const DRAW_MS = 100;
const CLEAR = '\r\u001b[K';

export interface ProgressState {
  readonly phase: 'backup' | 'restore' | 'verify';
  readonly progress: Progress;
  /** Bytes of files per second. */
  readonly bytesPerSecond: number | undefined;
}

/** The line, cut so that it fits into `columns`: what matters least goes first. */
export function drawProgress({ phase, progress, bytesPerSecond }: ProgressState, columns: number): string {
  const { files, filesTotal, bytes, bytesTotal } = progress;
  const of = (part: string, whole: string | undefined): string => (whole === undefined ? part : `${part} of ${whole}`);
  const parts = [
    `${phase}: ${of(formatCount(files), filesTotal === undefined ? undefined : formatCount(filesTotal))} files`,
    of(formatBytes(bytes), bytesTotal === undefined ? undefined : formatBytes(bytesTotal)),
  ];
  if (bytesPerSecond !== undefined) parts.push(`${formatBytes(Math.round(bytesPerSecond))}/s`);
  if (bytesPerSecond !== undefined && bytesPerSecond > 0 && bytesTotal !== undefined && bytesTotal > bytes)
    parts.push(`${formatClockDuration(((bytesTotal - bytes) / bytesPerSecond) * 1000)} left`);
  while (parts.length > 1 && parts.join('  ').length > columns) parts.splice(parts.length > 2 ? -1 : 1, 1);
  return clip(parts.join('  '), columns);
}

export interface Terminal {
  readonly columns: number | undefined;
  write(text: string): unknown;
}

/** `elapsed` is monotonic, in ms. */
export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #elapsed: () => number;
  readonly #samples: { at: number; bytes: number }[] = [];
  #shown = false;
  #drawnAt = -Infinity;

  constructor(terminal: Terminal, elapsed: () => number) {
    this.#terminal = terminal;
    this.#elapsed = elapsed;
  }

  update(phase: ProgressState['phase'], progress: Progress): void {
    const now = this.#elapsed();
    this.#samples.push({ at: now, bytes: progress.bytes });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > RATE_WINDOW_MS) this.#samples.shift();
    if (now - this.#drawnAt < DRAW_MS) return;
    this.#drawnAt = now;
    this.#shown = true;
    // The last column stays free: terminals wrap when it is written to.
    const columns = Math.max(10, (this.#terminal.columns ?? 80) - 1);
    this.#terminal.write(CLEAR + drawProgress({ phase, progress, bytesPerSecond: this.#rate() }, columns));
  }

  /** Takes the line away; the next update draws it again. */
  clear(): void {
    if (this.#shown) this.#terminal.write(CLEAR);
    this.#shown = false;
    this.#drawnAt = -Infinity;
  }

  #rate(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < 500) return undefined;
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
  }
}
