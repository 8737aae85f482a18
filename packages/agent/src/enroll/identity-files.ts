/**
 * Where a device's keys, requests and certificates lie: `<device>.key`, `.csr`, `.crt`, `.chain.crt`, and of later
 * ones `<device>.2.key` and so on. Device ids have no dots, so no name is another device's. Nothing is ever replaced:
 * what a profile names stays what it was when the profile was tried.
 */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { BackupError, isNodeError, makeFolders } from '@backup-agent/core';
import type { DeviceId } from '@backup-agent/core';

export interface IdentityPlace {
  /** `identity` in the agent's configuration folder; made when needed, for this user only. */
  readonly folder: string;
  readonly device: DeviceId;
}

export type KeyType = 'ec' | 'rsa';
const ENDINGS = ['key', 'csr', 'crt', 'chain.crt'] as const;
type Ending = (typeof ENDINGS)[number];

export interface KeyFile {
  readonly file: string;
  readonly number: number;
  readonly key: KeyObject;
}

export const identityFile = ({ folder, device }: IdentityPlace, number: number, ending: Ending): string =>
  path.join(folder, number === 1 ? `${device}.${ending}` : `${device}.${number}.${ending}`);

/** The device's keys, the oldest first. Throws CONFIG_INVALID for a file that holds none. */
export function listKeys(place: IdentityPlace): KeyFile[] {
  return numbersOf(place, 'key').map((number) => {
    const file = identityFile(place, number, 'key');
    return { file, number, key: readPrivateKey(file) };
  });
}

/** The highest number in use, of these endings or any; 0 if there is none. */
export const newestNumber = (place: IdentityPlace, ...endings: readonly Ending[]): number =>
  Math.max(0, ...(endings.length > 0 ? endings : ENDINGS).flatMap((ending) => numbersOf(place, ending)));

export function makeKey(place: IdentityPlace, number: number, type: KeyType): KeyFile {
  const { privateKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = identityFile(place, number, 'key');
  writeNew(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { forOwnerOnly: true });
  return { file, number, key: privateKey };
}

/** Keeps a file under the first number whose file is not there yet, or is the same. Its path. */
export function keepUnderNumber(place: IdentityPlace, ending: Ending, content: string): string {
  for (let number = 1; ; number++) {
    const file = identityFile(place, number, ending);
    if (readIfThere(file) === content) return file;
    if (fs.existsSync(file)) continue;
    writeNew(file, content);
    return file;
  }
}

/** Creates a file and its folder, durably. Never replaces one, and leaves none behind that could not be written whole. */
export function writeNew(file: string, content: string | Buffer, { forOwnerOnly = false } = {}): void {
  makeFolders(path.dirname(file), 0o700);
  const opened = fs.openSync(file, 'wx', forOwnerOnly ? 0o600 : 0o644);
  try {
    fs.writeFileSync(opened, content);
    fs.fsyncSync(opened);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  } finally {
    fs.closeSync(opened);
  }
}

/** Messages never repeat what the file holds. */
export function readPrivateKey(file: string): KeyObject {
  const text = readGiven(file, 'a private key');
  try {
    return createPrivateKey(text);
  } catch {
    const isEncrypted = /^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text);
    throw new BackupError(
      'CONFIG_INVALID',
      isEncrypted ? `${file} is protected by a passphrase` : `${file} holds no private key in PEM`,
      {
        hint: isEncrypted
          ? 'nobody is there to type it when a backup runs; the signing helper reads plain keys only'
          : 'move the file away and enrol anew, or bring the right one back',
      },
    );
  }
}

/** A file that a person named. Throws CONFIG_INVALID if it is not there. */
export function readGiven(file: string, what: string): string {
  const text = readIfThere(file);
  if (text === undefined)
    throw new BackupError('CONFIG_INVALID', `there is no file ${file}`, {
      hint: `name a file that holds ${what} in PEM`,
    });
  return text;
}

export function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (isNodeError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined;
    throw error;
  }
}

function numbersOf({ folder, device }: IdentityPlace, ending: Ending): number[] {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return names
    .flatMap((name) => {
      if (name === `${device}.${ending}`) return [1];
      const [, digits] = /^[^.]+\.([2-9]|[1-9]\d{1,5})\.(?:.+)$/.exec(name) ?? [];
      return digits !== undefined && name === `${device}.${digits}.${ending}` ? [Number(digits)] : [];
    })
    .sort((a, b) => a - b);
}
