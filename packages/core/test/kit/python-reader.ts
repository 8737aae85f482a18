/**
 * The reader in docs/reader/: no part of this program, so what it restores proves that the format is as described.
 * It runs under the Python that BACKUP_AGENT_TEST_PYTHON names, else python3.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

const READER = join(import.meta.dirname, '../../../../docs/reader/read_backup.py');
const python = (): string => process.env['BACKUP_AGENT_TEST_PYTHON'] ?? 'python3';

export interface ReaderResult {
  /** 0: everything; 3: something could not be restored, and `stderr` names it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why the reader cannot run here, or undefined. */
export async function pythonReaderMissing(): Promise<string | undefined> {
  const { exitCode } = await run(['-c', 'import sys\nif sys.version_info < (3, 14): import zstandard']);
  if (exitCode === 0) return undefined;
  return 'no Python with zstandard: set BACKUP_AGENT_TEST_PYTHON to one that has the package';
}

/** Restores a snapshot (a name, or `latest`) from the repository in a local folder into a new or empty folder. */
export const restoreWithPythonReader = (
  repository: string,
  device: string,
  snapshot: string,
  target: string,
): Promise<ReaderResult> => run([READER, repository, device, snapshot, target]);

/** What the snapshot holds, each as `[label of the root, path, kind]`; paths as Node's own strings where UTF-8. */
export async function listWithPythonReader(
  repository: string,
  device: string,
  snapshot: string,
): Promise<[label: string, path: string, kind: string][]> {
  const { stdout } = await run([READER, repository, device, snapshot, '--list']);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as [string, string, string]);
}

function run(args: readonly string[]): Promise<ReaderResult> {
  return new Promise((resolve) => {
    const options = { maxBuffer: 256 * 1024 * 1024, env: { ...process.env, PYTHONUTF8: '1' } };
    execFile(python(), args, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ exitCode, stdout, stderr: stderr === '' && exitCode === 127 ? String(error?.message) : stderr });
    });
  });
}
