/**
 * JSON objects as they are stored: the body on one line, LF, {"sha256":"<64 hex>"}, LF. The hash covers the body and
 * its LF. Readers refuse an object without it, so a flipped bit is damage and never a different number.
 */
import { hash } from 'node:crypto';
import type { z } from 'zod';
import { BackupError, damage } from '../errors.ts';
import { JSON_BYTES_MAX } from '../limits.ts';

const LF = 0x0a;
const TRAILER_BYTES = '{"sha256":""}\n'.length + 64;
const FORMAT_VERSION = 1;
const PROBLEM_PATH_MAX = 200;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function encodeJsonObject(value: object): Buffer {
  const body = Buffer.from(`${JSON.stringify(value)}\n`, 'utf8');
  if (body.length + TRAILER_BYTES > JSON_BYTES_MAX)
    throw new BackupError('FAILED', `a record of ${body.length} bytes is over the limit of ${JSON_BYTES_MAX}`);
  return Buffer.concat([body, Buffer.from(`{"sha256":"${hash('sha256', body)}"}\n`)]);
}

/**
 * The value of a stored JSON object. `what` names it in the error, with its key.
 * Throws OBJECT_DAMAGED, or FORMAT_UNKNOWN for an undamaged object of another format version.
 */
export function decodeJsonObject<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Uint8Array,
  key: string,
): z.output<Schema> {
  const value = parseVerified(bytes, key);
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (typeof version === 'number' && version !== FORMAT_VERSION) {
    throw new BackupError('FORMAT_UNKNOWN', `${key} has format version ${version}, this program knows 1`, {
      key,
      hint: 'use a newer backup-agent',
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw damage(`${key} is damaged: ${describe(parsed.error.issues[0])}`, { key });
}

/** Where and what: `roots.0.path: Invalid input`. Names of members come from the object, so they are cut short. */
function describe(problem: z.core.$ZodIssue | undefined): string {
  const path = problem?.path.map(String).join('.').slice(0, PROBLEM_PATH_MAX) ?? '';
  return `${path === '' ? '' : `${path}: `}${problem?.message ?? 'not valid'}`;
}

function parseVerified(bytes: Uint8Array, key: string): unknown {
  if (bytes.length > JSON_BYTES_MAX) throw damage(`${key} is damaged: longer than ${JSON_BYTES_MAX} bytes`, { key });
  const bodyEnd = bytes.length - TRAILER_BYTES;
  if (bodyEnd < 1 || bytes[bodyEnd - 1] !== LF)
    throw damage(`${key} is damaged: its checksum line is missing`, { key });
  const body = bytes.subarray(0, bodyEnd);
  const expected = `{"sha256":"${hash('sha256', body)}"}\n`;
  if (Buffer.from(bytes.subarray(bodyEnd)).toString('latin1') !== expected)
    throw damage(`${key} is damaged: its checksum does not match`, { key });
  if (body.indexOf(LF) !== bodyEnd - 1) throw damage(`${key} is damaged: its body is not one line`, { key });
  try {
    return JSON.parse(utf8.decode(body));
  } catch (cause) {
    throw damage(`${key} is damaged: it is not JSON`, { key, cause });
  }
}
