/** `v1/system/policy/<wordId>.json`: the fleet's retention policy. The newest by store time holds, then the larger key. */
import * as z from 'zod';
import { decodeJsonObject, encodeJsonObject } from './json-line.ts';
import { timeSchema } from './schema-parts.ts';

const periods = z.int().min(0).max(10_000);

export const retentionPolicySchema = z.object({
  /** Every snapshot younger than this stays. */
  keepWithinDays: z.int().min(1).max(36_500),
  /** At least this many of the newest stay, whatever their age. */
  keepLast: z.int().min(1).max(10_000),
  keepHourly: periods.optional(),
  keepDaily: periods.optional(),
  keepWeekly: periods.optional(),
  keepMonthly: periods.optional(),
  keepYearly: periods.optional(),
  /** IANA time zone in which hours, days, weeks, months and years begin. */
  timeZone: z.string().refine(isTimeZone, 'not a time zone').optional(),
  /** Snapshots with one of these tags stay. */
  keepTags: z.array(z.string().min(1).max(200)).max(100).optional(),
});
export type RetentionPolicy = z.output<typeof retentionPolicySchema>;

/** Whether this system's calendar data have the zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export const DEFAULT_POLICY: RetentionPolicy = { keepWithinDays: 30, keepLast: 3 };

const policySchema = z.object({
  version: z.literal(1),
  written: timeSchema,
  by: z.string(),
  policy: retentionPolicySchema,
});
export type PolicyWord = z.output<typeof policySchema>;

export const encodePolicy = (word: PolicyWord): Buffer => encodeJsonObject(word);

/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN. */
export const decodePolicy = (bytes: Uint8Array, key: string): PolicyWord => decodeJsonObject(policySchema, bytes, key);
