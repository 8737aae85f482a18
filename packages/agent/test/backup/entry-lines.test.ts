import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EntryLines, catalogBytesOf, checkedLine } from '../../src/backup/entry-lines.ts';

const LINE = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.nat({ max: 40_000 }).map((units) => 'é'.repeat(units)),
  )
  .map((text) => JSON.stringify(text));

test('lines come back, whole and one by one, whether they were added here or elsewhere', () => {
  const lines = new EntryLines();
  fc.assert(
    fc.property(fc.array(fc.record({ line: LINE, isElsewhere: fc.boolean() })), (added) => {
      for (const { line, isElsewhere } of added) {
        if (!isElsewhere) lines.add(line);
        else {
          const others = new EntryLines();
          others.add(line);
          lines.append(others.take());
        }
      }
      const texts = Buffer.from(lines.take()).toString('utf8').split('\n');
      expect(texts.pop()).toBe('');
      expect(texts.map(checkedLine)).toEqual(added.map(({ line }) => line));
      expect(lines.length).toBe(0);
    }),
  );
});

test('what the catalog holds of a line are its bytes alone', () => {
  const lines = new EntryLines();
  lines.add('{"path":"é"}');
  expect(Buffer.from(catalogBytesOf(lines.take())).toString('utf8')).toBe('{"path":"é"}');
});

test('a line of which one character is another is none', () => {
  const lines = new EntryLines();
  lines.add('{"path":"a"}');
  const text = Buffer.from(lines.take()).toString('utf8').trimEnd();
  for (let i = 0; i < text.length; i++)
    if (i !== 8) expect(checkedLine(`${text.slice(0, i)}~${text.slice(i + 1)}`)).toBeUndefined();
});
