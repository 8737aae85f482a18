import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkedLine } from '../../../src/backup/entry-lines.ts';
import { SavedBatchBuilder, filesOf } from '../../../src/backup/saver/file-batch.ts';
import type { BatchOutcome } from '../../../src/backup/saver/file-batch.ts';

interface Result {
  readonly outcome: BatchOutcome;
  readonly chunks: readonly string[];
  /** Chunks of an earlier try, which do not count. */
  readonly forgotten: readonly string[];
  readonly bytes: number;
  readonly text: string;
}

const ID = fc.nat().map((n) => hash('sha256', String(n)));

const RESULT: fc.Arbitrary<Result> = fc.record({
  outcome: fc.constantFrom<BatchOutcome>('saved', 'changed', 'gone', 'unreadable', 'unlike'),
  chunks: fc.array(ID, { maxLength: 20 }),
  forgotten: fc.array(ID, { maxLength: 3 }),
  bytes: fc.nat({ max: 2 ** 22 }),
  text: fc.string({ unit: 'grapheme' }),
});

const isSaved = ({ outcome }: Result): boolean => outcome === 'saved' || outcome === 'changed';

function add(builder: SavedBatchBuilder, result: Result): void {
  const before = builder.chunks;
  for (const id of result.forgotten) builder.addId(id);
  builder.forgetIds(before);
  if (result.outcome === 'saved' || result.outcome === 'changed') {
    for (const id of result.chunks) builder.addId(id);
    builder.saved(result.bytes, result.outcome === 'changed', JSON.stringify(result.text));
  } else if (result.outcome === 'unreadable') builder.unreadable(result.text);
  else builder.notSaved(result.outcome);
}

test('what becomes of each file comes back, batch after batch', () => {
  const builder = new SavedBatchBuilder();
  fc.assert(
    fc.property(fc.array(RESULT, { maxLength: 60 }), (results) => {
      for (const result of results) add(builder, result);
      const found = [...filesOf(structuredClone(builder.take()))].map(({ outcome, bytes, ids, line, reason }) => ({
        outcome,
        bytes,
        ids: Buffer.from(ids).toString('hex'),
        line: line.length === 0 ? undefined : checkedLine(Buffer.from(line).toString('utf8').trimEnd()),
        reason,
      }));
      expect(found).toEqual(
        results.map((result) => ({
          outcome: result.outcome,
          bytes: isSaved(result) ? result.bytes : 0,
          ids: isSaved(result) ? result.chunks.join('') : '',
          line: isSaved(result) ? JSON.stringify(result.text) : undefined,
          reason: result.outcome === 'unreadable' ? result.text : undefined,
        })),
      );
    }),
  );
});
