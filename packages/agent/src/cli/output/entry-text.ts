/** Catalog entries as commands show them. */
import type { CatalogEntry } from '@backup-agent/core';
import { formatTime } from '../units.ts';

/** Without chunks: they say nothing to a person, and a large file has thousands. Times are ISO 8601. */
export function entryJson(path: string, entry: CatalogEntry): object {
  const { kind, mode, uid, gid, user, group, size, target, link, unreadableSince } = entry;
  return {
    path,
    kind,
    size,
    mode: mode.toString(8).padStart(4, '0'),
    uid,
    gid,
    user,
    group,
    mtime: timeOf(entry).toISOString(),
    mtimeNs: entry.mtime,
    target,
    link,
    unreadableSince,
    changedWhileRead: entry.changedWhileRead,
  };
}

/** As `ls -l` shows it. */
export function entryLine(path: string, entry: CatalogEntry): string {
  const { mode, uid, gid, user, group, size, target } = entry;
  const owner = `${user ?? uid}:${group ?? gid}`;
  const name = target === undefined ? path : `${path} -> ${target}`;
  return `${KIND_LETTERS[entry.kind]}${modeText(mode)} ${owner.padEnd(15)} ${String(size ?? '').padStart(13)} ${formatTime(timeOf(entry))} ${name}`;
}

const KIND_LETTERS = { file: '-', folder: 'd', symlink: 'l', fifo: 'p' } as const;
const SETUID = 0o4000;
const SETGID = 0o2000;
const STICKY = 0o1000;

/** `rwxr-xr-x`, with `s` and `t` where chmod(1) shows them. */
function modeText(mode: number): string {
  const letter = (bits: number, special: number, on: string): string => {
    const isExecutable = (mode & bits) !== 0;
    if ((mode & special) === 0) return isExecutable ? 'x' : '-';
    return isExecutable ? on : on.toUpperCase();
  };
  const readWrite = (shift: number): string =>
    `${((mode >> shift) & 4) === 0 ? '-' : 'r'}${((mode >> shift) & 2) === 0 ? '-' : 'w'}`;
  return `${readWrite(6)}${letter(0o100, SETUID, 's')}${readWrite(3)}${letter(0o010, SETGID, 's')}${readWrite(0)}${letter(0o001, STICKY, 't')}`;
}

/** To the millisecond: what a Date holds. */
const timeOf = ({ mtime }: CatalogEntry): Date => {
  const time = new Date(Number(BigInt(mtime) / 1_000_000n));
  return Number.isNaN(+time) ? new Date(0) : time;
};
