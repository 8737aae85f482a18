/** How a person names a snapshot. */
import { BackupError } from '@backup-agent/core';
import type { SnapshotSelector } from '@backup-agent/core';

const NAME_START = /^\d{8}T\d{0,6}(?:(?<=T\d{6})Z(?:-[0-9a-f]{0,8}(?:(?<=-[0-9a-f]{8})-\d*)?)?)?$|^\d{5,8}$/;
const TIME = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * `latest`; a time such as `2026-11-20 14:00`, `2026-11-20` (the end of that day) or `2026-11-20T14:00Z`, meaning the
 * newest snapshot that had landed by then; or the beginning of a snapshot's name. `timeZone`: of times without one, an
 * IANA name; the machine's if missing. Throws CONFIG_INVALID.
 */
export function parseSnapshotSelector(text: string, options: { readonly timeZone?: string } = {}): SnapshotSelector {
  if (text === 'latest') return { by: 'latest' };
  if (INSTANT.test(text) && !Number.isNaN(Date.parse(text))) return { by: 'time', time: new Date(text) };
  const time = parseLocalTime(text, options.timeZone);
  if (time !== undefined) return { by: 'time', time };
  if (NAME_START.test(text)) return { by: 'name', prefix: text };
  throw new BackupError('CONFIG_INVALID', `"${text}" names no snapshot`, {
    hint: 'give "latest", the beginning of a name that "backup-agent snapshots" shows, or a time such as "2026-11-20 14:00"',
  });
}

function parseLocalTime(text: string, timeZone: string | undefined): Date | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const isDay = match[4] === undefined;
  const parts = isDay ? ([23, 59, 59] as const) : ([hour, minute, second] as const);
  const asUtc = Date.UTC(year, month - 1, day, ...parts) + (isDay ? 999 : 0);
  const isReal = new Date(asUtc).toISOString().startsWith(text.slice(0, 10)) && hour < 24 && minute < 60 && second < 60;
  if (!isReal) return undefined;
  // The offset of the zone at about that time, then at the time itself: they differ only around a change of clocks.
  const about = asUtc - offsetMs(asUtc, timeZone);
  return new Date(asUtc - offsetMs(about, timeZone));
}

/** How far the zone's clocks are before UTC at this moment. */
function offsetMs(time: number, timeZone: string | undefined): number {
  const format = new Intl.DateTimeFormat('en-US', {
    ...(timeZone === undefined ? {} : { timeZone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}
