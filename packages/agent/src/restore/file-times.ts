/**
 * Times for Node's calls, which take seconds as a double: nowadays about 0.24 microseconds from one to the next. Times
 * are rounded to microseconds, and of the doubles beside one the later is taken where the other would be stored as less:
 * so the stored time, cut off or rounded to microseconds, is the rounded one.
 */
const MICROSECONDS = 1_000_000;
const NANOSECONDS = 1_000_000_000;
/** A double plus this share of itself is the next one. */
const HALF_EPSILON = Number.EPSILON / 2;

/** Seconds since 1970, to the microsecond, from nanoseconds as decimal text. */
export function secondsOf(nanoseconds: string): number {
  const microseconds = Number(microsecondsOf(BigInt(nanoseconds)));
  const seconds = microseconds / MICROSECONDS;
  const whole = Math.floor(seconds);
  const isLess = Math.floor((seconds - whole) * NANOSECONDS) < (microseconds - whole * MICROSECONDS) * 1000;
  return isLess ? seconds + Math.abs(seconds) * HALF_EPSILON : seconds;
}

/** What fs.futimes and the like take. Node reads a negative number as "now", but not text. */
export const fsTime = (seconds: number): number | string => (seconds < 0 ? String(seconds) : seconds);

/** Whether two times are the same to the microsecond. */
export const isSameTime = (a: bigint, b: bigint): boolean => microsecondsOf(a) === microsecondsOf(b);

function microsecondsOf(nanoseconds: bigint): bigint {
  const rounded = nanoseconds + 500n;
  return rounded / 1000n - (rounded % 1000n < 0n ? 1n : 0n); // Down, also before 1970.
}
