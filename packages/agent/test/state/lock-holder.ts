/** A process that takes a lock (argument 1) as machine (argument 2), tells how it went, and holds it until stdin ends. */
import { randomBytes } from 'node:crypto';
import { isBackupError } from '@backup-agent/core';
import { bootId } from '../../src/state/machine.ts';
import { openProcessTable } from '../../src/state/processes.ts';
import { takeRunLock } from '../../src/state/run-lock.ts';

const [file = '', machine = ''] = process.argv.slice(2);
const { platform } = process;
try {
  const processes = openProcessTable({ platform, boot: bootId(platform), now: new Date() });
  const lock = takeRunLock(file, { machine, host: `host-of-${machine}`, processes, random: randomBytes });
  process.stdout.write('taken\n');
  process.stdin.on('end', () => lock.release()).resume();
} catch (error) {
  if (!isBackupError(error)) throw error;
  process.stdout.write(`${error.code}\n`);
}
