/** The schedules that are allowed, and what follows from one: how long a gap between two nights may be. */

export interface Schedule {
  /** Between two nights, at the longest. */
  readonly gapHoursMax: number;
}

/** One minute, some hours, every day: all that a nightly job needs, in the words of EventBridge. */
const CRON = /^cron\((\d{1,2}) (\*|\d{1,2}(?:,\d{1,2})*|(?:\*|\d{1,2})\/\d{1,2}) (\* \* \?|\? \* \*) \*\)$/;
const RATE = /^rate\((\d{1,2}) (hour|hours|day)\)$/;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Undefined for anything that runs less than daily, more than hourly, or is no schedule. */
export function readSchedule(text: string): Schedule | undefined {
  const [, count, unit] = RATE.exec(text) ?? [];
  if (count !== undefined) return rateOf(Number(count), unit as 'hour' | 'hours' | 'day');
  const [, minute, hours] = CRON.exec(text) ?? [];
  if (minute === undefined || hours === undefined || Number(minute) > 59) return undefined;
  const chosen = hoursOf(hours);
  return chosen === undefined ? undefined : { gapHoursMax: longestGap(chosen) };
}

/** EventBridge wants the singular for 1 and the plural for all else. */
function rateOf(count: number, unit: 'hour' | 'hours' | 'day'): Schedule | undefined {
  if (unit === 'day') return count === 1 ? { gapHoursMax: 24 } : undefined;
  if ((unit === 'hour') !== (count === 1) || count < 1 || count > 24) return undefined;
  return { gapHoursMax: count };
}

function hoursOf(field: string): number[] | undefined {
  if (field === '*') return HOURS;
  const [first = '', step] = field.split('/');
  if (step === undefined) {
    const hours = [...new Set(field.split(',').map(Number))].sort((a, b) => a - b);
    return hours.every((hour) => hour < 24) ? hours : undefined;
  }
  const from = first === '*' ? 0 : Number(first);
  const every = Number(step);
  return from < 24 && every >= 1 ? HOURS.filter((hour) => hour >= from && (hour - from) % every === 0) : undefined;
}

function longestGap(hours: readonly number[]): number {
  const gaps = hours.map((hour, i) => (hours[i + 1] ?? (hours[0] as number) + 24) - hour);
  return Math.max(...gaps);
}
