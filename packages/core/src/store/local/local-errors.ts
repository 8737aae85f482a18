/** The border where the file system's words become ours. */
import { BackupError, isNodeError } from '../../errors.ts';

/** The disk or the server behind it does not answer. */
const UNREACHABLE = ['EIO', 'ENXIO', 'ENODEV', 'ESTALE', 'ENOTCONN', 'ETIMEDOUT', 'EHOSTDOWN', 'EHOSTUNREACH'];

/**
 * What a failed file operation of the repository in `folder` means. `doing` completes "cannot ...". Errors that the
 * file system did not raise (an interruption, our own) come back as they are.
 */
function localError(error: unknown, doing: string, folder: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  if (isNodeError(error, 'ENOSPC', 'EDQUOT')) {
    return new BackupError('DISK_FULL', `the disk of ${folder} is full`, {
      hint: 'free space there or choose another disk; what is already saved stays valid',
      cause: error,
    });
  }
  if (isNodeError(error, 'EROFS')) {
    return new BackupError('ACCESS_DENIED', `cannot ${doing}: the file system of ${folder} is read-only`, {
      hint: 'mount it for writing, or choose another folder',
      cause: error,
    });
  }
  if (isNodeError(error, 'EACCES', 'EPERM')) {
    return new BackupError('ACCESS_DENIED', `cannot ${doing}: access to ${folder} is denied`, {
      hint: 'the user who runs this needs read and write permission for the folder and all in it',
      cause: error,
    });
  }
  if (isNodeError(error, ...UNREACHABLE)) {
    return new BackupError('STORE_UNREACHABLE', `cannot ${doing}: ${folder} does not answer (${error.message})`, {
      hint: 'check that the disk or network share is connected',
      cause: error,
    });
  }
  return new BackupError('FAILED', `cannot ${doing}: ${error.message}`, { cause: error });
}

/** Runs `operation` and gives its failure our words. */
export async function inOurWords<T>(doing: string, folder: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw localError(error, doing, folder);
  }
}

export function rootMissing(folder: string, cause?: unknown): BackupError {
  return new BackupError('REPOSITORY_MISSING', `there is no repository in ${folder}: the folder does not exist`, {
    hint: 'check the path, and that the disk or share it lies on is connected',
    cause,
  });
}

/** Another folder is in the place of the one that was opened. */
export const rootReplaced = (folder: string): BackupError =>
  new BackupError('REPOSITORY_MISSING', `the repository in ${folder} vanished while it was in use`, {
    hint: 'check that the disk or share it lies on is connected, and run again; what was saved before stays valid',
  });
