/** `runs/<runId>.json`: the outcome of a run, also of a failed one. It confirms the run's snapshot. */
import * as z from 'zod';
import { decodeJsonObject, encodeJsonObject } from './json-line.ts';
import { countSchema, deviceIdSchema, machineSchema, runIdSchema, timeSchema } from './schema-parts.ts';

/** A record names at most this many problems; `problemCount` counts all. */
export const RUN_PROBLEMS_MAX = 100;
/** A record tells at most this many endings of new files. */
export const NEW_ENDINGS_MAX = 5;
/** A longer ending is cut to this many UTF-16 code units, its dot among them. */
export const ENDING_LENGTH_MAX = 20;

const runRecordSchema = z.object({
  version: z.literal(1),
  run: runIdSchema,
  device: deviceIdSchema,
  machine: machineSchema,
  /** The client's clock, for people. */
  started: timeSchema,
  ended: timeSchema,
  outcome: z.enum(['finished', 'incomplete', 'failed', 'interrupted']),
  exitCode: z.int().min(0).max(255),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** The snapshot's key, the SHA-256 of its bytes, and the store time at which it landed, read back from the store. */
  committed: z.object({ key: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/), landed: timeSchema }).optional(),
  roots: z.array(z.string()),
  counts: z.object({
    filesNew: countSchema,
    filesChanged: countSchema,
    filesUnchanged: countSchema,
    /** In the previous snapshot and no longer there. */
    filesDeleted: countSchema,
    filesUnreadable: countSchema,
    folders: countSchema,
    chunksNew: countSchema,
    /** Of the new chunks, those that do not compress. */
    chunksIncompressible: countSchema,
    packs: countSchema,
    objects: countSchema,
  }),
  bytes: z.object({ total: countSchema, read: countSchema, new: countSchema, uploaded: countSchema }),
  /** The most frequent endings among files whose path is new, most frequent first; '' are files without one. */
  newEndings: z
    .array(
      z.object({
        ending: z
          .string()
          .max(ENDING_LENGTH_MAX)
          .refine((ending) => ending.isWellFormed(), 'not well-formed'),
        files: countSchema,
      }),
    )
    .max(NEW_ENDINGS_MAX)
    .optional(),
  problemCount: countSchema,
  problems: z.array(z.object({ path: z.string(), reason: z.string() })).max(RUN_PROBLEMS_MAX),
});
export type RunRecord = z.output<typeof runRecordSchema>;

export const encodeRunRecord = (record: RunRecord): Buffer => encodeJsonObject(record);

/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN. */
export const decodeRunRecord = (bytes: Uint8Array, key: string): RunRecord =>
  decodeJsonObject(runRecordSchema, bytes, key);
