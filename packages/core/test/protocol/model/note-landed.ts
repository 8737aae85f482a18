/** What a write that has landed tells about how far a schedule came. */
import { decodeMarks, decodeNightResult } from '../../../src/index.ts';
import type { ParsedKey } from '../../../src/index.ts';
import type { Tally } from './tally.ts';

export function noteLanded(key: ParsedKey, bytes: Buffer, tally: Tally): void {
  if (key.type === 'compacted-index') tally.note('index compacted');
  if (key.type === 'marks') {
    tally.note('state of marks written');
    const fresh = decodeMarks(bytes, '').marks.filter(({ since }) => since === null);
    tally.note('pack marked dead', fresh.filter(({ state }) => state === 'dead').length);
    tally.note('pack marked retiring', fresh.filter(({ state }) => state === 'retiring').length);
  }
  if (key.type !== 'night-result') return;
  const { refusals, packs, verification } = decodeNightResult(bytes, '');
  for (const { code } of refusals) tally.note(`night refused: ${code}`);
  if (packs.deferred.packs > 0) tally.note('removal deferred to later nights');
  if (verification.findingCount > 0) tally.note('night found something wrong');
}
