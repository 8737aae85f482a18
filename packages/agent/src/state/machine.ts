/** Which machine this is: the same as long as the system is installed, and nothing that says who owns it. */
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isNodeError, makeFolders } from '@backup-agent/core';
import { outputOf } from './system-output.ts';

export interface MachineSources {
  readonly platform: NodeJS.Platform;
  /** Where an id that had to be invented is kept. */
  readonly stateFolder: string;
  readonly random: (bytes: number) => Uint8Array;
}

/**
 * The system's own id, hashed so that records do not give it away; where there is none a random one, kept in the state
 * folder. 32 hex digits.
 */
export function machineId(sources: MachineSources): string {
  const own = systemId(sources.platform);
  return own === undefined ? inventedId(sources) : hash('sha256', `backup-agent machine ${own}`).slice(0, 32);
}

/** Changes with every start of the system; undefined where the system tells none (Windows). */
export function bootId(platform: NodeJS.Platform): string | undefined {
  if (platform === 'linux') return readLine('/proc/sys/kernel/random/boot_id');
  // kern.boottime would move whenever the clock is set.
  return platform === 'darwin' ? outputOf('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'])?.trim() : undefined;
}

function systemId(platform: NodeJS.Platform): string | undefined {
  if (platform === 'darwin')
    return /"IOPlatformUUID" = "([^"]+)"/.exec(
      outputOf('/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']) ?? '',
    )?.[1];
  if (platform === 'win32')
    return /MachineGuid\s+REG_SZ\s+(\S+)/.exec(
      outputOf('reg.exe', ['query', 'HKLM\\SOFTWARE\\Microsoft\\Cryptography', '/v', 'MachineGuid']) ?? '',
    )?.[1];
  return readLine('/etc/machine-id') ?? readLine('/var/lib/dbus/machine-id');
}

function inventedId({ stateFolder, random }: MachineSources): string {
  const file = path.join(stateFolder, 'machine-id');
  const kept = readLine(file);
  if (kept !== undefined && /^[0-9a-f]{32}$/.test(kept)) return kept;
  const id = Buffer.from(random(16)).toString('hex');
  makeFolders(stateFolder, 0o700);
  writeFileSync(file, `${id}\n`, { mode: 0o600 });
  return id;
}

/** The file's text without blanks around it; undefined if it cannot be read, is empty, or not set up yet. */
function readLine(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return text === '' || text === 'uninitialized' ? undefined : text;
  } catch (error) {
    if (isNodeError(error)) return undefined;
    throw error;
  }
}
