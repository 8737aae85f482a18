/** Text that came from file names, servers or other machines, made fit for a terminal and for JSON. */

/** Controls, lone surrogates (bytes of names that are not UTF-8), and what reorders text to deceive the eye. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** JSON.stringify leaves these as they are; U+009B alone begins an escape sequence on some terminals. */
const LEFT_BY_JSON = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069\u200e\u200f\u061c]/g;

/** Escapes what could move the cursor, change colours or hide text: `\n`, `\x1b`, `\u202e`. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escapeCharacter);

function escapeCharacter(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.charCodeAt(0);
  // A byte that is not UTF-8 stands as U+DC00 + byte.
  const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code;
  return byte <= 0xff ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** JSON on one line, without any byte that a terminal could act on. */
export const jsonText = (value: unknown): string => safeJson(JSON.stringify(value));

/** The same for JSON that somebody else made. */
export const safeJson = (json: string): string =>
  json.replace(LEFT_BY_JSON, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** How many columns a terminal takes for printable text. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** The beginning of printable text, as much as fits into `columns`. */
export function clip(text: string, columns: number): string {
  let width = 0;
  let end = 0;
  for (const character of text) {
    width += displayWidth(character);
    if (width > columns) return text.slice(0, end);
    end += character.length;
  }
  return text;
}
