/** `marks/<sequence>.json`: the state of all marks of a device, complete. The largest sequence number holds. */
import * as z from 'zod';
import { isRunId } from '../ids.ts';
import type { PackKind, PackPlace } from '../keys.ts';
import { decodeJsonObject, encodeJsonObject } from './json-line.ts';
import { decodePackRanges } from './pack-ranges.ts';
import type { PackRanges } from './pack-ranges.ts';
import { timeSchema } from './schema-parts.ts';

/** A pack as text: `data/<runId>/<nnnnn>`. */
const packTextSchema = z.string().refine((text) => parsePackText(text) !== undefined, 'not a pack');

const marksSchema = z.object({
  version: z.literal(1),
  sequence: z.int().min(1).max(99_999_999),
  marks: z.array(
    z.object({
      pack: packTextSchema,
      /** `dead`: no kept snapshot needs it. `retiring`: it is to be rewritten. Both are the same to a run. */
      state: z.enum(['dead', 'retiring']),
      /** Store time of the first state that had this mark; null in that state itself. */
      since: timeSchema.nullable(),
    }),
  ),
});
export type MarksState = z.output<typeof marksSchema>;

export const encodeMarks = (state: MarksState): Buffer => encodeJsonObject(state);

/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN. */
export const decodeMarks = (bytes: Uint8Array, key: string): MarksState => decodeJsonObject(marksSchema, bytes, key);

/** One pack as text; the same text for the same pack, so that sets of packs can be sets of strings. */
export const packText = (pack: PackPlace): string => `${pack.kind}/${pack.run}/${String(pack.number).padStart(5, '0')}`;

export function parsePackText(text: string): PackPlace | undefined {
  const [kind, run, number, ...rest] = text.split('/');
  if (rest.length > 0 || (kind !== 'data' && kind !== 'meta') || run === undefined || !isRunId(run)) return undefined;
  return number !== undefined && /^\d{5}$/.test(number)
    ? { kind: kind satisfies PackKind, run, number: Number(number) }
    : undefined;
}

/** The packs that a snapshot names, as packText writes them. */
export const packNamesOf = ({ packs }: { readonly packs: Readonly<Record<PackKind, PackRanges>> }): string[] =>
  (['data', 'meta'] as const).flatMap((kind) =>
    [...decodePackRanges(packs[kind])].flatMap(([run, numbers]) =>
      numbers.map((number) => packText({ kind, run, number })),
    ),
  );
