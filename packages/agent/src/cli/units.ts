/** Sizes and durations as people write and read them: the one place. */
import { BackupError } from '@backup-agent/core';

const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/**
 * Bytes from `4096`, `100M`, `1.5GiB`, `2 GB`. A single letter and `iB` count by 1024, `B` after a letter by 1000.
 * Throws CONFIG_INVALID; `what` names the option or key in its sentence.
 */
export function parseBytes(text: string, what: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = UNIT_BYTES[unit === '' ? 'b' : unit.toLowerCase()];
  const bytes = digits === undefined || factor === undefined ? NaN : Math.floor(Number(digits) * factor);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new BackupError('CONFIG_INVALID', `${what}: "${text}" is not a size`, {
    hint: 'write a number and a unit, for instance 500K, 100M or 1.5GiB',
  });
}

/** `0 B`, `1,023 B`, `1.5 MiB`: at most four significant digits, units of 1024. */
export function formatBytes(bytes: number): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit = '';
  for (const next of units) {
    if (value < 1023.95) break;
    value /= 1024;
    unit = next;
  }
  return `${value.toFixed(1)} ${unit}`;
}

/** With commas between thousands. */
export const formatCount = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 file`, `2 files`. */
export const formatCountOf = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** `1,234.50`. */
export function formatUsd(usd: number): string {
  const [whole = '', cents = ''] = usd.toFixed(2).split('.');
  return `${formatCount(Number(whole))}.${cents}`;
}

/** `0:07`, `12:34`, `1:02:03`: for progress. */
export function formatClockDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const pad = (part: number): string => String(part).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** `2.3 s`, `4 min`, `3 hours`, `12 days`: for sentences. */
export function formatDuration(ms: number): string {
  const rows: readonly (readonly [number, number, string, string])[] = [
    [60_000 * 2, 60_000, 'min', 'min'],
    [3_600_000 * 2, 3_600_000, 'hour', 'hours'],
    [86_400_000 * 2, 86_400_000, 'day', 'days'],
  ];
  if (ms < 60_000) return `${(Math.max(0, ms) / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  let text = formatCountOf(Math.round(ms / 60_000), 'min', 'min');
  for (const [from, unit, one, many] of rows) if (ms >= from) text = formatCountOf(Math.round(ms / unit), one, many);
  return text;
}

/** `2026-11-20 14:03:09`, local time. */
export function formatTime(time: Date): string {
  const pad = (part: number): string => String(part).padStart(2, '0');
  const date = `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
  return `${date} ${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`;
}
