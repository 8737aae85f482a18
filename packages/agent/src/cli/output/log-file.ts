/** The log that `--log-file` asks for: JSON lines by pino, with every text redacted. Loaded only then. */
import pino from 'pino';
import type { AgentEvent } from '../../events.ts';
import { safeJson } from './printable.ts';
import type { Redact } from './redact.ts';

export interface LogFile {
  event(event: AgentEvent): void;
  error(code: string, message: string, hint: string | undefined): void;
  ended(exitCode: number, elapsedMs: number): void;
}

export interface LogFileOptions {
  readonly path: string;
  readonly verbose: boolean;
  readonly command: string;
  readonly version: string;
  readonly redact: Redact;
}

/** Opens the file for appending, made if missing with access for the user only. Throws Node's error. */
export function openLogFile({ path, verbose, command, version, redact }: LogFileOptions): LogFile {
  // Synchronous: nothing is lost when the process is killed, and it is a line now and then.
  const destination = pino.destination({ dest: path, append: true, mkdir: true, sync: true, mode: 0o600 });
  const logger = pino(
    {
      level: verbose ? 'debug' : 'info',
      base: { command, version, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => destination.write(safeJson(redact(line))) },
  );
  logger.info({ type: 'started' }, 'started');
  return {
    event(event) {
      if (event.type === 'progress') return;
      const level = event.type === 'detail' ? 'debug' : isTrouble(event) ? 'warn' : 'info';
      const { message, ...fields } = { message: undefined, ...event };
      logger[level](fields, message ?? event.type);
    },
    error: (code, message, hint) => logger.error({ type: 'error', code, hint }, message),
    ended: (exitCode, elapsedMs) => logger.info({ type: 'ended', exitCode, elapsedMs: Math.round(elapsedMs) }, 'ended'),
  };
}

const isTrouble = (event: AgentEvent): boolean => event.type === 'problem' || event.type === 'warning';
