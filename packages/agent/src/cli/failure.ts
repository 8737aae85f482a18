/** What a person reads when something went wrong: one sentence, what to do, and never a stack trace. */
import { BackupError, isBackupError, isNodeError } from '@backup-agent/core';

/** An error in our own words. Whatever is not foreseen is a defect and says so. */
export function asBackupError(error: unknown): { readonly error: BackupError; readonly isDefect: boolean } {
  if (isBackupError(error)) return { error, isDefect: false };
  if (isNodeError(error) || (error instanceof Error && 'syscall' in error)) {
    const known = systemError(error as NodeJS.ErrnoException);
    if (known !== undefined) return { error: known, isDefect: false };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    error: new BackupError('FAILED', `unexpected failure, a defect of this program (${firstLine(message)})`, {
      hint: 'nothing that is stored was changed by it; BACKUP_AGENT_DEBUG=1 shows where it happened',
      cause: error,
    }),
    isDefect: true,
  };
}

/** Failures of the user's own disk that no module has put into words. */
function systemError(cause: NodeJS.ErrnoException): BackupError | undefined {
  const where = cause.path === undefined ? 'a file of this program' : cause.path;
  switch (cause.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new BackupError('DISK_FULL', `there is no room left for ${where}`, {
        hint: 'make room on that disk',
        cause,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BackupError('ACCESS_DENIED', `no permission to ${cause.syscall ?? 'use'} ${where}`, {
        hint: 'check who owns it and who may write there',
        cause,
      });
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EEXIST':
      if (cause.syscall !== 'mkdir') return undefined;
      return new BackupError('CONFIG_INVALID', `the folder ${where} cannot be made there (${cause.code})`, {
        hint: 'a folder above it is no folder, or none that takes others; XDG_CONFIG_HOME, XDG_STATE_HOME and XDG_CACHE_HOME name others',
        cause,
      });
    default:
      return undefined;
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

/** `backup-agent: <what, where>. <hint>` */
export function failureSentence({ message, hint }: BackupError): string {
  const end = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);
  const advice = hint === undefined ? '' : ` ${hint.slice(0, 1).toUpperCase()}${end(hint.slice(1))}`;
  return `backup-agent: ${end(message)}${advice}`;
}

export const failureObject = ({ code, message, hint, exitCode, key }: BackupError): object => ({
  error: { code, message, ...(hint === undefined ? {} : { hint }), ...(key === undefined ? {} : { key }), exitCode },
});
