/** One line on a terminal that shows how far the work has come. Drawing is apart from measuring, so that it is testable. */
import type { Progress, ProgressPhase } from '../../events.ts';
import { formatBytes, formatClockDuration, formatCount } from '../units.ts';
import { clip } from './printable.ts';

/** The rate is that of the last so many ms: fast enough to follow, slow enough to read. */
const RATE_WINDOW_MS = 8_000;
/** A rate over less than this would jump. */
const RATE_FROM_MS = 500;
const DRAW_MS = 100;
const CLEAR = '\r\u001b[K';

export interface ProgressState {
  readonly phase: ProgressPhase;
  readonly progress: Progress;
  /** Bytes of files per second. */
  readonly bytesPerSecond: number | undefined;
}

/** The line, cut so that it fits into `columns`: what matters least goes first. */
export function drawProgress({ phase, progress, bytesPerSecond }: ProgressState, columns: number): string {
  const { files, filesTotal, bytes, bytesTotal } = progress;
  if (phase === 'thaw')
    return clip(
      `waiting for the archive: ${formatCount(files)} of ${formatCount(filesTotal ?? 0)} packs are back`,
      columns,
    );
  const of = (part: string, whole: string | undefined): string => (whole === undefined ? part : `${part} of ${whole}`);
  const parts = [
    `${phase}: ${of(formatCount(files), filesTotal === undefined ? undefined : formatCount(filesTotal))} files`,
    of(formatBytes(bytes), bytesTotal === undefined ? undefined : formatBytes(bytesTotal)),
  ];
  if (phase === 'backup' && progress.bytesMoved > 0) parts.push(`${formatBytes(progress.bytesMoved)} stored`);
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
  #phase: ProgressPhase = 'backup';
  #progress: Progress = { files: 0, bytes: 0, bytesMoved: 0 };
  #shown = false;
  #drawnAt = -Infinity;

  constructor(terminal: Terminal, elapsed: () => number) {
    this.#terminal = terminal;
    this.#elapsed = elapsed;
  }

  update(phase: ProgressPhase, progress: Progress): void {
    this.#phase = phase;
    this.#progress = { ...progress, bytesMoved: Math.max(progress.bytesMoved, this.#progress.bytesMoved) };
    this.#samples.push({ at: this.#elapsed(), bytes: progress.bytes });
    this.#draw();
  }

  /** Files count only when all that they need is stored; that something is being stored is told before. */
  addMoved(bytes: number): void {
    this.#progress = { ...this.#progress, bytesMoved: this.#progress.bytesMoved + bytes };
    this.#draw();
  }

  /** Takes the line away; the next update draws it again. */
  clear(): void {
    if (this.#shown) this.#terminal.write(CLEAR);
    this.#shown = false;
    this.#drawnAt = -Infinity;
  }

  #draw(): void {
    const now = this.#elapsed();
    if (now - this.#drawnAt < DRAW_MS) return;
    this.#drawnAt = now;
    this.#shown = true;
    // The last column stays free: terminals wrap when it is written to.
    const columns = Math.max(10, (this.#terminal.columns ?? 80) - 1);
    const state = { phase: this.#phase, progress: this.#progress, bytesPerSecond: this.#rate(now) };
    this.#terminal.write(CLEAR + drawProgress(state, columns));
  }

  /** From the oldest sample in the window, or the last before it, so that a pause lowers the rate. */
  #rate(now: number): number | undefined {
    while (this.#samples.length > 2 && now - (this.#samples[1]?.at ?? now) > RATE_WINDOW_MS) this.#samples.shift();
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || now - first.at < RATE_FROM_MS) return undefined;
    return ((last.bytes - first.bytes) / (now - first.at)) * 1000;
  }
}
