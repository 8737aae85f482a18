/** Aligned columns of text. */
import { displayWidth } from './printable.ts';

export interface Column {
  readonly title: string;
  /** Numbers are easier to compare when they end in one line. Default: left. */
  readonly align?: 'left' | 'right';
}

/** The lines of a table: titles first. Cells are printable text. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, i) => Math.max(...[titles, ...rows].map((row) => displayWidth(row[i] ?? ''))));
  return [titles, ...rows].map((row) =>
    columns
      .map(({ align }, i) => pad(row[i] ?? '', widths[i] ?? 0, align ?? 'left'))
      .join('  ')
      .trimEnd(),
  );
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + space : space + text;
}
