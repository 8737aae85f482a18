/** A snapshot: the record that makes a run visible. Its one PutObject is the commit. */
import * as z from 'zod';
import { runOfSnapshot } from '../ids.ts';
import type { RunId } from '../ids.ts';
import type { PackKind } from '../keys.ts';
import { isSafePath } from './catalog-entry.ts';
import { encodePageReference, pageReferenceSchema } from './catalog-page.ts';
import { decodeJsonObject, encodeJsonObject } from './json-line.ts';
import { packRangesSchema } from './pack-ranges.ts';
import {
  countSchema,
  deviceIdSchema,
  machineSchema,
  runIdSchema,
  snapshotNameSchema,
  timeSchema,
} from './schema-parts.ts';

const rootSchema = z.object({
  /** Absolute, with `/` on every system. */
  path: z.string(),
  /** Folder name for a restore of several roots; unique in the snapshot. */
  label: z.string().refine((label) => label !== '' && !label.includes('/') && isSafePath(label), 'not a folder name'),
  /** `missing`, `unlistable`: what an older snapshot had was carried forward. */
  state: z.enum(['walked', 'missing', 'unlistable']),
});
export type SnapshotRoot = z.output<typeof rootSchema>;

const totalsSchema = z.object({
  files: countSchema,
  folders: countSchema,
  /** Symlinks and FIFOs. */
  others: countSchema,
  /** Sum of the files' sizes. */
  bytes: countSchema,
  /** Entries carried forward because they could not be read. */
  unreadable: countSchema,
});
export type SnapshotTotals = z.output<typeof totalsSchema>;

/** Live stored bytes per run and pack number. */
const liveSchema = z.record(runIdSchema, z.record(z.string().regex(/^(0|[1-9]\d{0,4})$/), countSchema));
export type LiveBytes = Readonly<Record<RunId, Readonly<Record<string, number>>>>;

const snapshotSchema = z
  .object({
    version: z.literal(1),
    name: snapshotNameSchema,
    run: runIdSchema,
    device: deviceIdSchema,
    machine: machineSchema,
    /** The client's clock, for people. */
    started: timeSchema,
    /** Store time of the listing of marks that this snapshot rests on. */
    basis: timeSchema,
    /** All roots were walked. */
    finished: z.boolean(),
    roots: z.array(rootSchema).min(1),
    tags: z.array(z.string()),
    totals: totalsSchema,
    /** The catalog's pages in order, or the page lists that hold the references. */
    pages: z.array(pageReferenceSchema).optional(),
    pageLists: z.array(pageReferenceSchema).optional(),
    packs: z.object({ data: packRangesSchema, meta: packRangesSchema }),
    /** Packs of which less than 90 % of the segments' stored bytes are used. */
    live: z.object({ data: liveSchema, meta: liveSchema }),
  })
  .refine(
    (snapshot) => (snapshot.pages === undefined) !== (snapshot.pageLists === undefined),
    'needs pages or pageLists',
  )
  .refine((snapshot) => runOfSnapshot(snapshot.name) === snapshot.run, 'its name is of another run')
  .refine(({ roots }) => new Set(roots.map((root) => root.label)).size === roots.length, 'two roots have one label');

export type Snapshot = z.output<typeof snapshotSchema>;

export const encodeSnapshot = (snapshot: Snapshot): Buffer =>
  encodeJsonObject({
    ...snapshot,
    pages: snapshot.pages?.map(encodePageReference),
    pageLists: snapshot.pageLists?.map(encodePageReference),
  });

/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN. */
export const decodeSnapshot = (bytes: Uint8Array, key: string): Snapshot =>
  decodeJsonObject(snapshotSchema, bytes, key);

/** A pack's live stored bytes by a snapshot that names it; undefined means 90 % or more. */
export const liveBytesOf = (snapshot: Snapshot, kind: PackKind, run: RunId, number: number): number | undefined =>
  snapshot.live[kind][run]?.[String(number)];
