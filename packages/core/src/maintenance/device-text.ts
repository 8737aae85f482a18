/**
 * Text that a device wrote, fit to stand in a sentence: on one line, without characters that turn or hide what stands
 * around it, and no longer than asked for. Whoever shows it as HTML still has to escape it.
 */
export function deviceText(text: string, lengthMax: number): string {
  const line = text.slice(0, lengthMax + 1).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  const cut = text.length > lengthMax ? `${line.slice(0, lengthMax - 1)}…` : line;
  return cut.toWellFormed().trim();
}
