/** Sizes, ages and times as reports write them. */

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `512 B`, `1.5 MiB`: units of 1024. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit = '';
  for (const next of UNITS) {
    if (value < 1023.95) break;
    value /= 1024;
    unit = next;
  }
  return `${value.toFixed(1)} ${unit}`;
}

/** `+1.5 MiB`, `−3 B`, `0 B`. */
export const growthInWords = (bytes: number): string =>
  `${bytes > 0 ? '+' : bytes < 0 ? '−' : ''}${bytesInWords(Math.abs(bytes))}`;

/** With commas between thousands. */
export const countInWords = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 file`, `2 files`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${countInWords(count)} ${count === 1 ? one : many}`;

/** `47 hours`, `2 days`: whole ones that have passed. */
export function ageInWords(hours: number): string {
  if (hours < 1) return 'under an hour';
  return hours < 48 ? countOf(Math.floor(hours), 'hour') : countOf(Math.floor(hours / 24), 'day');
}

/** `2026-11-20 02:14`, UTC; whoever shows it says so. */
export const timeInWords = (time: string): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ');
