/**
 * The administrator's words to maintenance, besides the policy: holds, pins and device words under `v1/system/`. A word
 * is never taken back, only followed by another: of several the newest by store time holds, then the larger key.
 */
import * as z from 'zod';
import { decodeJsonObject, encodeJsonObject } from './json-line.ts';
import { timeSchema } from './schema-parts.ts';

/** Of a reason, in UTF-16 code units: it goes into reports and mails. */
export const REASON_LENGTH_MAX = 2_000;
/** Of who spoke: an IAM ARN, or a user on a host. */
export const BY_LENGTH_MAX = 600;

const reasonSchema = z.string().max(REASON_LENGTH_MAX);
const wordBase = {
  version: z.literal(1),
  /** The speaker's clock, for people. */
  written: timeSchema,
  by: z.string().max(BY_LENGTH_MAX),
};

/** `v1/system/holds/<deviceId>/<wordId>.json`: while the device is held, maintenance removes nothing of it. */
const holdSchema = z.object({ ...wordBase, state: z.enum(['held', 'released']), reason: reasonSchema });
export type HoldWord = z.output<typeof holdSchema>;

/** `v1/system/pins/<deviceId>/<snapshotName>/<wordId>.json`: a pinned snapshot does not expire. */
const pinSchema = z.object({ ...wordBase, state: z.enum(['pinned', 'unpinned']), reason: reasonSchema.optional() });
export type PinWord = z.output<typeof pinSchema>;

/** `v1/system/devices/<deviceId>/<wordId>.json`: whether one expects to hear from the device. */
const deviceWordSchema = z.object({ ...wordBase, state: z.enum(['enrolled', 'retired']) });
export type DeviceWord = z.output<typeof deviceWordSchema>;

export const encodeHold = (word: HoldWord): Buffer => encodeJsonObject(word);
/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN. */
export const decodeHold = (bytes: Uint8Array, key: string): HoldWord => decodeJsonObject(holdSchema, bytes, key);

export const encodePin = (word: PinWord): Buffer => encodeJsonObject(word);
/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN. */
export const decodePin = (bytes: Uint8Array, key: string): PinWord => decodeJsonObject(pinSchema, bytes, key);

export const encodeDeviceWord = (word: DeviceWord): Buffer => encodeJsonObject(word);
/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN. */
export const decodeDeviceWord = (bytes: Uint8Array, key: string): DeviceWord =>
  decodeJsonObject(deviceWordSchema, bytes, key);
