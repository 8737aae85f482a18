/** AWS's own program that proves possession of the key and asks for credentials. It is found, never downloaded. */
import * as fs from 'node:fs';
import path from 'node:path';
import { BackupError } from '@backup-agent/core';

const NAME = 'aws_signing_helper';

export interface HelperPlace {
  readonly platform: NodeJS.Platform;
  /** In the form of the variable PATH. */
  readonly searchPath: string;
}

/** Its absolute path: the one that is named, or the first on the search path. Throws CONFIG_INVALID. */
export function findSigningHelper(named: string | undefined, { platform, searchPath }: HelperPlace): string {
  if (named !== undefined) {
    if (isProgram(named)) return named;
    throw new BackupError('CONFIG_INVALID', `--signing-helper: ${named} is no program that may be run`, {
      hint: WHERE,
    });
  }
  const file = platform === 'win32' ? `${NAME}.exe` : NAME;
  const folders = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const found = folders.map((folder) => path.join(folder, file)).find(isProgram);
  if (found !== undefined) return found;
  throw new BackupError('CONFIG_INVALID', `${file} is not on the search path (PATH)`, {
    hint: `${WHERE}, and put it there or name it with --signing-helper`,
  });
}

const WHERE =
  'get it from AWS: the page "Get temporary security credentials from IAM Roles Anywhere" of the IAM Roles Anywhere user guide has it for Linux, macOS and Windows';

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false; // Whatever the reason, it cannot be run.
  }
}
