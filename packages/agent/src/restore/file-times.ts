/**
 * Times for Node's calls, which take seconds as a double. Rounded to microseconds first, the double is within 0.3
 * microseconds of them until the year 2242, and what the system then stores rounds to the same microsecond again.
 */

/** Seconds since 1970, to the microsecond, from nanoseconds as decimal text. */
export function secondsOf(nanoseconds: string): number {
  return Number(microsecondsOf(BigInt(nanoseconds))) / 1e6;
}

/** What fs.futimes and the like take. Node reads a negative number as "now", but not text. */
export const fsTime = (seconds: number): number | string => (seconds < 0 ? String(seconds) : seconds);

/** Whether two times are the same to the microsecond. */
export const isSameTime = (a: bigint, b: bigint): boolean => microsecondsOf(a) === microsecondsOf(b);

function microsecondsOf(nanoseconds: bigint): bigint {
  const rounded = nanoseconds + 500n;
  return rounded / 1000n - (rounded % 1000n < 0n ? 1n : 0n); // Down, also before 1970.
}
