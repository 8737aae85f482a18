/** Which process this is, and whether another one of this machine is still the one that it was. */
import { readFileSync, readlinkSync } from 'node:fs';
import { isNodeError } from '@backup-agent/core';
import { outputOf } from './system-output.ts';

/** What tells a process from all others of its machine, also from later ones with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Of the system's start: another one means that nothing of before is running any more. */
  readonly boot: string | undefined;
  /** Clock ticks from the system's start to the process's; Linux only. */
  readonly started: string | undefined;
  /** Processes in another name space (a container) have numbers of their own; Linux only. */
  readonly space: string | undefined;
  /** A moment at which it was running, by this machine's clock, ISO 8601. */
  readonly seen: string;
}

export interface ProcessTable {
  readonly self: ProcessIdentity;
  /** `unknown`: in another name space, where its number says nothing. */
  state(other: ProcessIdentity): ProcessState;
}
export type ProcessState = 'running' | 'gone' | 'unknown';

export interface ProcessTableSources {
  readonly platform: NodeJS.Platform;
  /** As bootId gives it. */
  readonly boot: string | undefined;
  readonly now: Date;
}

export function openProcessTable({ platform, boot, now }: ProcessTableSources): ProcessTable {
  const isLinux = platform === 'linux';
  const self: ProcessIdentity = {
    pid: process.pid,
    boot,
    started: isLinux ? readStat(process.pid)?.started : undefined,
    space: isLinux ? pidSpace() : undefined,
    seen: now.toISOString(),
  };
  return { self, state: (other) => stateOf(other, self, platform) };
}

function stateOf(other: ProcessIdentity, self: ProcessIdentity, platform: NodeJS.Platform): ProcessState {
  if (other.boot !== undefined && self.boot !== undefined && other.boot !== self.boot) return 'gone';
  if (other.space !== self.space) return 'unknown';
  if (!isThere(other.pid)) return 'gone';
  return isSameProcess(other, platform) ? 'running' : 'gone';
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isNodeError(error, 'ESRCH'); // Another user's process may not be signalled, but it is there.
  }
}

/** Numbers of processes are used again. */
function isSameProcess(other: ProcessIdentity, platform: NodeJS.Platform): boolean {
  if (platform === 'linux') {
    const stat = readStat(other.pid);
    if (stat === undefined) return true; // It may be hidden (hidepid), and if it has just ended, the next look tells.
    return !stat.isDead && (other.started === undefined || other.started === stat.started);
  }
  const started = startTimeOf(other.pid, platform);
  // One that began after the other was seen is another; a minute is for clocks that are set back a little.
  return started === undefined || +started <= Date.parse(other.seen) + 60_000;
}

/** From /proc/<pid>/stat. The command's name may hold spaces and parentheses. */
function readStat(pid: number): { started: string; isDead: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not asked yet how.
    return { started: fields[19] ?? '', isDead: fields[0] === 'Z' || fields[0] === 'X' };
  } catch (error) {
    if (isNodeError(error)) return undefined;
    throw error;
  }
}

function startTimeOf(pid: number, platform: NodeJS.Platform): Date | undefined {
  const text =
    platform === 'win32'
      ? outputOf('powershell.exe', [
          '-NoProfile',
          '-Command',
          `(Get-Process -Id ${pid}).StartTime.ToUniversalTime().ToString('o')`,
        ])
      : outputOf('/bin/ps', ['-o', 'lstart=', '-p', String(pid)]);
  const time = new Date(text?.trim() ?? '');
  return Number.isNaN(+time) ? undefined : time;
}

function pidSpace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch (error) {
    if (isNodeError(error)) return undefined;
    throw error;
  }
}
