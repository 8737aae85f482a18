import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clip, displayWidth, jsonText, printable } from '../../../src/cli/output/printable.ts';
import { tableLines } from '../../../src/cli/output/table.ts';

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test.each([
  ['plain text: ä, 猫, 🐈', 'plain text: ä, 猫, 🐈'],
  ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
  ['\u001b[31mred', '\\x1b[31mred'],
  ['caf\udce9', 'caf\\xe9'],
  ['\ud800', '\\ud800'],
  ['gpj.\u202eexe', 'gpj.\\u202eexe'],
])('%j is shown as %j', (text, shown) => expect(printable(text)).toBe(shown));

test('nothing that a terminal acts on is left, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(DANGEROUS);
      expect(printable(text).isWellFormed()).toBe(true);
      expect(jsonText({ text })).not.toMatch(DANGEROUS);
      expect(JSON.parse(jsonText({ text }))).toEqual({ text });
    }),
  );
});

test('wide characters take two columns, marks none', () => {
  expect(['abc', '猫', 'e\u0301', '🐈'].map(displayWidth)).toEqual([3, 2, 1, 2]);
  expect(clip('猫猫猫', 5)).toBe('猫猫');
});

test('tables line up, numbers at their end', () => {
  const columns = [{ title: 'name' }, { title: 'files', align: 'right' }, { title: 'tag' }] as const;
  expect(
    tableLines(columns, [
      ['猫', '12', 'x'],
      ['longer', '1,234', ''],
    ]),
  ).toEqual(['name    files  tag', '猫         12  x', 'longer  1,234']);
});
