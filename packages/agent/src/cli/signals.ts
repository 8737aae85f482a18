/** SIGINT and SIGTERM end a command cleanly, a second SIGINT at once. */
import { BackupError, EXIT_CODES } from '@backup-agent/core';

export interface SignalWatch {
  readonly signal: AbortSignal;
  close(): void;
}

/** `onFirst` is told of the first signal, while the command is still at work. */
export function watchSignals(onFirst: (name: string) => void): SignalWatch {
  const controller = new AbortController();
  const stop = (name: string, error: BackupError): void => {
    if (controller.signal.aborted) {
      if (name === 'SIGINT') process.exit(EXIT_CODES.INTERRUPTED);
      return;
    }
    onFirst(name);
    controller.abort(error);
  };
  const onInterrupt = (): void => stop('SIGINT', new BackupError('INTERRUPTED', 'interrupted'));
  const onTerminate = (): void => stop('SIGTERM', new BackupError('TERMINATED', 'terminated'));
  process.on('SIGINT', onInterrupt);
  // SIGHUP: the terminal was closed; on Windows that is all the notice there is.
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, onTerminate);
  return {
    signal: controller.signal,
    close() {
      process.off('SIGINT', onInterrupt);
      for (const name of ['SIGTERM', 'SIGHUP'] as const) process.off(name, onTerminate);
    },
  };
}
