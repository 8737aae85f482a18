/**
 * Every failure that crosses a module border is a BackupError: a closed code, one sentence that says what failed
 * and where, a hint that says what to do, and the cause. It is wrapped once, where the vocabulary changes.
 */
export const EXIT_CODES = {
  FAILED: 1,
  STORE_UNREACHABLE: 1,
  KEY_CONFLICT: 1,
  OBJECT_ARCHIVED: 1,
  COMMIT_GIVEN_UP: 1,
  DISK_FULL: 1,
  CONFIG_INVALID: 2,
  FORMAT_UNKNOWN: 2,
  OTHER_MACHINE: 2,
  CLOCK_WRONG: 2,
  INCOMPLETE: 3,
  REPOSITORY_MISSING: 4,
  RUN_ACTIVE: 5,
  ACCESS_DENIED: 6,
  OBJECT_DAMAGED: 7,
  OBJECT_MISSING: 7,
  STOPPED_EARLY: 8,
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

export type ErrorCode = keyof typeof EXIT_CODES;

/** What each exit code means; the user guide's table and `--help` are made from it. */
export const EXIT_CODE_MEANINGS: ReadonlyMap<number, string> = new Map([
  [0, 'done'],
  [1, 'failed'],
  [2, 'usage or configuration'],
  [3, 'done, but some files could not be read or restored'],
  [4, 'repository missing'],
  [5, 'another run is active'],
  [6, 'access denied'],
  [7, 'repository damaged'],
  [8, 'stopped early on purpose (time limit, battery); the next run continues'],
  [130, 'interrupted'],
  [143, 'terminated'],
]);

/** Where several apply, the first of these is the exit code. */
const EXIT_CODE_PRECEDENCE = [130, 143, 7, 6, 4, 5, 2, 1, 8, 3, 0] as const;

/** The exit code of a command in which all of these happened. */
export function worstExitCode(codes: readonly number[]): number {
  return EXIT_CODE_PRECEDENCE.find((code) => codes.includes(code)) ?? 0;
}

export interface BackupErrorOptions {
  /** What the person can do about it: a sentence without a full stop, or nothing. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** The key of the object concerned. */
  readonly key?: string;
}

const BRAND = Symbol.for('backup-agent.error');

export class BackupError extends Error {
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly key: string | undefined;

  constructor(code: ErrorCode, message: string, options: BackupErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BackupError';
    this.code = code;
    this.hint = options.hint;
    this.key = options.key;
  }

  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}

/** Recognises BackupErrors across bundles and worker threads; with `codes`, only those. */
export function isBackupError(error: unknown, ...codes: ErrorCode[]): error is BackupError {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return codes.length === 0 || codes.includes((error as BackupError).code);
}

/** The one error that decoders throw, whatever bytes they are given. */
export function damage(what: string, options: BackupErrorOptions = {}): BackupError {
  return new BackupError('OBJECT_DAMAGED', what, options);
}

/** Whether this is an error of Node's own; with `codes`, one of these (`ENOENT`, `EEXIST`, ...). */
export function isNodeError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || isBackupError(error) || !('code' in error) || typeof error.code !== 'string')
    return false;
  return codes.length === 0 || codes.includes(error.code);
}
