/** The packs that a snapshot names, as packText writes them. */
import { decodePackRanges, packText } from '@backup-agent/core';
import type { Snapshot } from '@backup-agent/core';

export function packNamesOf({ packs }: Pick<Snapshot, 'packs'>): string[] {
  return (['data', 'meta'] as const).flatMap((kind) =>
    [...decodePackRanges(packs[kind])].flatMap(([run, numbers]) =>
      numbers.map((number) => packText({ kind, run, number })),
    ),
  );
}
