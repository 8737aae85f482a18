/** The AWS configuration file on the disk: read as it is, replaced in one step. */
import * as fs from 'node:fs';
import path from 'node:path';
import { BackupError, isNodeError, makeFolders } from '@backup-agent/core';

/** Each byte as one character (latin1); '' if there is none. */
export function readAwsConfig(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch (cause) {
    if (isNodeError(cause, 'ENOENT')) return '';
    throw cannot('read', file, cause);
  }
}

/**
 * Replaces the file in one step, through links to where it really lies; its mode is kept, and a new one is for this
 * user only. Whatever goes wrong, the file is as it was.
 */
export function writeAwsConfig(
  file: string,
  text: string,
  { random }: { readonly random: (bytes: number) => Uint8Array },
): void {
  let aside: string | undefined;
  try {
    makeFolders(path.dirname(file), 0o700);
    const isThere = fs.existsSync(file);
    const real = isThere ? fs.realpathSync(file) : file;
    const mode = isThere ? fs.statSync(real).mode & 0o777 : 0o600;
    aside = `${real}.${Buffer.from(random(4)).toString('hex')}.new`;
    fs.writeFileSync(aside, Buffer.from(text, 'latin1'), { flag: 'wx', mode: 0o600, flush: true });
    fs.chmodSync(aside, mode);
    fs.renameSync(aside, real);
  } catch (cause) {
    if (aside !== undefined) fs.rmSync(aside, { force: true });
    throw cannot('write', file, cause);
  }
}

function cannot(verb: 'read' | 'write', file: string, cause: unknown): BackupError {
  const code = isNodeError(cause) ? (cause.code ?? 'unknown') : 'unknown error';
  const isDenied = isNodeError(cause, 'EACCES', 'EPERM', 'EROFS');
  return new BackupError(
    isDenied ? 'ACCESS_DENIED' : 'CONFIG_INVALID',
    `cannot ${verb} the AWS configuration ${file} (${code})`,
    {
      hint: 'check who owns it and who may write there; AWS_CONFIG_FILE names another one',
      cause,
    },
  );
}
