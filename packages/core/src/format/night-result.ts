/** `v1/system/nights/<nightId>/<deviceId>.json`: what one night found and did with one device. The report is made from these. */
import * as z from 'zod';
import { decodeJsonObject, encodeJsonObject } from './json-line.ts';
import { packRangesSchema } from './pack-ranges.ts';
import { countSchema, deviceIdSchema, runIdSchema, snapshotNameSchema, timeSchema } from './schema-parts.ts';

/** Lists in a result name at most this many things; counts beside them count all. */
export const NIGHT_LIST_MAX = 100;

/** The code of the refusal that a hold causes: wanted, so nobody has to act because of it. */
export const HELD_REFUSAL = 'HELD';

const amountSchema = z.object({ packs: countSchema, bytes: countSchema });

const findingSchema = z.object({
  /** The object concerned. */
  key: z.string(),
  what: z.string(),
  /** Snapshots that need it, by name. */
  snapshots: z.array(snapshotNameSchema),
});
export type NightFinding = z.output<typeof findingSchema>;

const snapshotFactsSchema = z.object({
  name: snapshotNameSchema,
  /** Store time. */
  landed: timeSchema,
  host: z.string(),
  files: countSchema,
  bytes: countSchema,
});

const nightResultSchema = z.object({
  version: z.literal(1),
  night: runIdSchema,
  device: deviceIdSchema,
  /** Store times. */
  began: timeSchema,
  ended: timeSchema,
  /** Why nothing was marked or removed, in sentences: damaged snapshots, no policy, a hold. Empty: all was done. */
  refusals: z.array(z.object({ code: z.string(), message: z.string() })),
  snapshots: z.object({
    total: countSchema,
    finished: countSchema,
    void: countSchema,
    damaged: z.array(z.string()),
    /** Of any kind, and finished; null if there is none. */
    newest: snapshotFactsSchema.nullable(),
    newestFinished: snapshotFactsSchema.nullable(),
    /** Expired and void ones, removed by this night. */
    removed: z.array(snapshotNameSchema),
  }),
  /** As the night found them; `marked` of these before it. */
  packs: z.object({
    data: amountSchema,
    meta: amountSchema,
    marked: amountSchema,
    newlyMarked: amountSchema,
    /** Of the newly marked: still needed, to be rewritten by the next runs. */
    retiring: amountSchema,
    removed: amountSchema,
    removedPacks: z.object({ data: packRangesSchema, meta: packRangesSchema }),
    /** Could have gone but for the limit of a night. */
    deferred: amountSchema,
  }),
  index: z.object({ segments: countSchema, compacted: z.string().nullable(), removed: z.array(z.string()) }),
  verification: z.object({
    packsCompared: countSchema,
    findingCount: countSchema,
    /** Of the findings: packs that snapshots need and that are not there. */
    missingPacks: countSchema,
    findings: z.array(findingSchema),
  }),
  freshness: z.object({
    /** Age of the newest finished snapshot; null without one. */
    ageHours: z.number().min(0).nullable(),
    stale: z.boolean(),
    /** Its newest finished snapshot is older than the policy keeps: it stays as the last copy. */
    atRetentionFloor: z.boolean(),
    failedRunCount: countSchema,
    /** Newest first. */
    failedRuns: z.array(
      z.object({ run: runIdSchema, ended: timeSchema, host: z.string(), code: z.string(), message: z.string() }),
    ),
    /** Files that could not be read in the newest run. */
    unreadable: countSchema,
  }),
  massChange: z.object({
    /** Reasons in sentences; empty: nothing unusual. */
    reasons: z.array(z.string()),
    /** The run or snapshot that shows it. */
    run: runIdSchema.nullable(),
  }),
  hold: z.object({ since: timeSchema, by: z.string(), reason: z.string() }).nullable(),
  /** Bytes that runs sent since the night before, by their records. */
  uploadedBytes: countSchema,
  /** Objects that this version does not know: left alone. */
  unknownKeys: z.object({ count: countSchema, examples: z.array(z.string()) }),
});
export type NightResult = z.output<typeof nightResultSchema>;

export const encodeNightResult = (result: NightResult): Buffer => encodeJsonObject(result);

/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN. */
export const decodeNightResult = (bytes: Uint8Array, key: string): NightResult =>
  decodeJsonObject(nightResultSchema, bytes, key);
