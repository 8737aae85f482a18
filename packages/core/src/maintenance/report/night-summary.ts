/** `v1/system/reports/<nightId>/report.json`: what a night of the whole fleet found, did and asks people to do. */
import * as z from 'zod';
import { decodeJsonObject, encodeJsonObject } from '../../format/json-line.ts';
import { countSchema, deviceIdSchema, runIdSchema, snapshotNameSchema, timeSchema } from '../../format/schema-parts.ts';

/** Why a person should act, most urgent first. */
export const ACTION_KINDS = ['flagged', 'damaged', 'never', 'stale', 'unheard', 'refused', 'held'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** What a row says of its device, most urgent first: one word, where several would be true the first. */
export const DEVICE_STATES = [...ACTION_KINDS, 'failed', 'retired', 'good'] as const;
export type DeviceState = (typeof DEVICE_STATES)[number];

/** A row names at most this many findings, failed runs, refusals and reasons each; counts beside them count all. */
export const ROW_LIST_MAX = 5;
/** No text that comes from devices is longer here: 500 of them must fit one object. */
export const ROW_TEXT_CHARS_MAX = 300;
/** An action names at most this many devices; `deviceCount` counts all. */
export const ACTION_DEVICES_MAX = 100;

const detailsSchema = z.object({
  findings: z.array(z.object({ key: z.string(), what: z.string(), snapshots: z.array(snapshotNameSchema) })),
  failedRuns: z.array(z.object({ run: runIdSchema, ended: timeSchema, code: z.string(), message: z.string() })),
  refusals: z.array(z.object({ code: z.string(), message: z.string() })),
  massChange: z.array(z.string()),
});
export type RowDetails = z.output<typeof detailsSchema>;

const rowSchema = z.object({
  device: deviceIdSchema,
  /** As its newest snapshot says; null: none is known. */
  host: z.string().nullable(),
  state: z.enum(DEVICE_STATES),
  /** Why a person should act. */
  problems: z.array(z.enum(ACTION_KINDS)),
  /** The newest finished snapshot. Of an unheard device, this and the numbers are those of the night before. */
  lastGood: z.object({ snapshot: snapshotNameSchema, landed: timeSchema }).nullable(),
  /** Since when it is known without a good backup; null: it has one. */
  waitingSince: timeSchema.nullable(),
  ageHours: z.number().min(0).nullable(),
  files: countSchema,
  bytes: countSchema,
  /** What its packs take after the night. */
  storedBytes: countSchema,
  /** Of the stored bytes, since the night before; null: it was not there, or not heard of. */
  growthBytes: z.int().nullable(),
  uploadedBytes: countSchema,
  removedBytes: countSchema,
  unreadable: countSchema,
  findingCount: countSchema,
  failedRunCount: countSchema,
  hold: z.object({ since: timeSchema, by: z.string(), reason: z.string() }).nullable(),
  details: detailsSchema,
});
export type DeviceRow = z.output<typeof rowSchema>;

const actionSchema = z.object({
  kind: z.enum(ACTION_KINDS),
  title: z.string(),
  meaning: z.string(),
  /** Commands in it stand between backquotes. */
  todo: z.string(),
  deviceCount: countSchema,
  /** Of these, devices that had no such problem the night before. */
  newCount: countSchema,
  devices: z.array(z.object({ device: deviceIdSchema, detail: z.string(), command: z.string(), isNew: z.boolean() })),
});
export type NightAction = z.output<typeof actionSchema>;

const totalsSchema = z.object({
  /** Enrolled or seen, and not retired. */
  devices: countSchema,
  good: countSchema,
  /** Stale, or never backed up though it had the time. */
  late: countSchema,
  atRetentionFloor: countSchema,
  unheard: countSchema,
  massChange: countSchema,
  /** All numbers below are of retired devices too: what is stored costs, whoever wrote it. */
  files: countSchema,
  bytes: countSchema,
  storedBytes: countSchema,
  uploadedBytes: countSchema,
  removedBytes: countSchema,
  verificationFailures: countSchema,
  missingPacks: countSchema,
  /** The largest share of its bytes that any device lost: see metrics.ts. */
  removedPercentMax: z.number().min(0),
});
export type NightTotals = z.output<typeof totalsSchema>;

const nightSummarySchema = z.object({
  version: z.literal(1),
  night: runIdSchema,
  /** The night that growth and newness were counted from; null: there was none. */
  previousNight: runIdSchema.nullable(),
  /** Store times. */
  began: timeSchema,
  ended: timeSchema,
  totals: totalsSchema,
  /** Devices whose night was begun a second time, as no result came. */
  reposted: z.array(deviceIdSchema),
  /** Most urgent first. */
  rows: z.array(rowSchema),
  /** Most urgent first; empty: nobody has to act. */
  actions: z.array(actionSchema),
});
export type NightSummary = z.output<typeof nightSummarySchema>;

export const encodeNightSummary = (summary: NightSummary): Buffer => encodeJsonObject(summary);

/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN. */
export const decodeNightSummary = (bytes: Uint8Array, key: string): NightSummary =>
  decodeJsonObject(nightSummarySchema, bytes, key);
