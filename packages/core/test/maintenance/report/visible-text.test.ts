import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutText, visibleText } from '../../../src/maintenance/report/visible-text.ts';
import { anyText } from './fleet.ts';

test.each([
  ['plain text', 'Größe 表 – ok', 'Größe 表 – ok'],
  ['an override of direction', 'invoice\u202Exslx.exe', 'invoice\\u{202E}xslx.exe'],
  ['isolates and marks of direction', '\u2066a\u2069\u200F', '\\u{2066}a\\u{2069}\\u{200F}'],
  ['line breaks', 'a\r\nb\u2028c', 'a\\u{D}\\u{A}b\\u{2028}c'],
  ['an escape sequence', '\u001B[31mred', '\\u{1B}[31mred'],
  ['nothing at all', 'a\u0000b\u200Bc\uFEFF', 'a\\u{0}b\\u{200B}c\\u{FEFF}'],
  ['half a pair', 'a\uD83Db', 'a\\u{D83D}b'],
  ['tags', '\u{E0041}', '\\u{E0041}'],
  ['marks on marks', `e${'\u0301'.repeat(50)}`, `e${'\u0301'.repeat(4)}…`],
])('%s is shown', (_, text, shown) => {
  expect(visibleText(text, 100)).toBe(shown);
});

test('is cut with an ellipsis, never in the middle of a character', () => {
  expect(cutText('abcdef', 6)).toBe('abcdef');
  expect(cutText('abcdefg', 6)).toBe('abcde…');
  expect(cutText('abcd\u{1F980}fg', 6)).toBe('abcd…');
  expect(visibleText('x'.repeat(10_000), 80)).toBe(`${'x'.repeat(79)}…`);
});

test('is never longer than asked for, and has nothing unseen', () => {
  fc.assert(
    fc.property(anyText(), fc.integer({ min: 1, max: 40 }), (text, charsMax) => {
      const shown = visibleText(text, charsMax);
      expect(shown.length).toBeLessThanOrEqual(charsMax);
      expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});
