/** The log that `--log-file` asks for: JSON lines by pino, with every text redacted. Loaded only then. */
import * as fs from 'node:fs';
import path from 'node:path';
import pino from 'pino';
import { BackupError, isNodeError } from '@backup-agent/core';
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

/**
 * Opens the file for appending, made if missing with access for the user only.
 * Throws CONFIG_INVALID if there can be no such file, and Node's error if the disk is full or permission is denied.
 */
export function openLogFile({ path: file, verbose, command, version, redact }: LogFileOptions): LogFile {
  const destination = openDestination(file);
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

function openDestination(file: string): ReturnType<typeof pino.destination> {
  try {
    makeFolder(path.dirname(file));
    // Synchronous: nothing is lost when the process is killed, and it is a line now and then.
    return pino.destination({ dest: file, append: true, sync: true, mode: 0o600 });
  } catch (cause) {
    if (!isNodeError(cause) || KNOWN_OF_DISKS.has(String(cause.code))) throw cause;
    throw new BackupError('CONFIG_INVALID', `cannot write a log to ${file}: ${reasonOf(cause)}`, {
      hint: 'choose another --log-file',
      cause,
    });
  }
}

/** What failure.ts has words for. */
const KNOWN_OF_DISKS: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']);

function reasonOf({ code = 'unknown' }: NodeJS.ErrnoException): string {
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'what it should lie in is no folder';
  return code === 'ENOENT' ? 'its folder cannot be made' : code;
}

/** Node's own recursive mkdir tries for ever where the system says of a new folder that it is missing: below /proc. */
function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if (isNodeError(error, 'EEXIST', 'EISDIR')) return; // Opening the file tells whether it is a folder.
    if (fs.existsSync(folder)) return; // Some systems refuse before they look.
    if (!isNodeError(error, 'ENOENT') || fs.existsSync(path.dirname(folder))) throw error;
    makeFolder(path.dirname(folder));
    fs.mkdirSync(folder);
  }
}
