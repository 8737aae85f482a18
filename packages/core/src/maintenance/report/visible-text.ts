/**
 * Text that devices wrote, made fit to be read: what it holds is seen, and it can change nothing around it. Markup is
 * html.ts's concern.
 */

/** Controls, direction overrides, invisible and unassigned characters, line separators, half surrogate pairs. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;
/** Marks piled up on one letter run over the lines above. */
const PILED_MARKS = /(\p{M}{4})\p{M}+/gu;

/** At most `charsMax` characters, the last an ellipsis if any are left out; never half a surrogate pair. */
export function cutText(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const cut = text.slice(0, charsMax - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** On one line, with `\u{202E}` in place of characters that nobody sees, and cut. */
export function visibleText(text: string, charsMax: number): string {
  const shown = cutText(text, charsMax)
    .replace(PILED_MARKS, '$1…')
    .replace(UNSEEN, (unseen) => `\\u{${(unseen.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
  return cutText(shown, charsMax);
}
