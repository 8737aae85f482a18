/** Text with each edit made, where it must stand exactly once. */
import type { BrokenProtocol } from '../broken-protocols.ts';

export function editedText(text: string, edits: BrokenProtocol['edits']): string {
  let edited = text;
  for (const { file, from, to } of edits) {
    const parts = edited.split(from);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times, not once: ${from}`);
    edited = parts.join(to);
  }
  return edited;
}
