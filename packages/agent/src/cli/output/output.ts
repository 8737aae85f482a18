/**
 * Results, on stdout. Each method is for one of two readers: `json` writes only with --json, `line` and `table` only
 * without, so a command calls both and never asks which. What comes from outside is made printable here.
 */
import type { Writable } from 'node:stream';
import { isNodeError } from '@backup-agent/core';
import { jsonText, printable } from './printable.ts';
import { tableLines } from './table.ts';
import type { Column } from './table.ts';

export interface Output {
  /** The one JSON object of this invocation; if a list has been begun, its remaining members. */
  json(value: object): void;
  /** One line of text for people. */
  line(text: string): void;
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void;
  /**
   * A list that may be too long to be held: with --json `{...head, "<key>": [items...], ...tail}`, else its lines.
   * Rejects with OutputClosed as soon as nobody reads any more.
   */
  list(head: object, key: string): OutputList;
  /** Bytes as they are. Resolves when there is room for more; rejects with OutputClosed. */
  bytes(chunk: Uint8Array): Promise<void>;
}

export interface OutputList {
  /** `text` is one line for people; undefined: none. */
  item(value: object | string, text: string | undefined): Promise<void>;
  end(tail?: object): Promise<void>;
}

/** The reader of stdout has gone, as `head` does: no error, but no reason to go on writing either. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

export interface OutputOptions {
  readonly stdout: Writable;
  readonly mode: OutputMode;
  /** Called before text is written, so that a progress line on the same terminal goes first. */
  readonly beforeText: () => void;
  readonly bold: (text: string) => string;
}

/** `events`: JSON lines, the result last with `"type":"result"`. */
export type OutputMode = 'text' | 'json' | 'events';

export interface OpenedOutput extends Output {
  /** A line of help, in whatever mode. */
  help(text: string): void;
  /** For events, in `events` mode. */
  event(value: object): void;
  /** Resolves when everything is written, or nobody reads any more. */
  flush(): Promise<void>;
}

export function openOutput({ stdout, mode, beforeText, bold }: OutputOptions): OpenedOutput {
  let closed = false;
  let failure: Error | undefined;
  stdout.on('error', (error) => {
    closed = true;
    if (!isNodeError(error, 'EPIPE', 'ERR_STREAM_DESTROYED', 'EOF')) failure = error;
  });
  const write = (text: string): boolean => closed || stdout.write(text);
  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        for (const name of ['drain', 'close', 'error']) stdout.off(name, done);
        resolve();
      };
      for (const name of ['drain', 'close', 'error']) stdout.once(name, done);
    });
  const push = async (chunk: string | Uint8Array): Promise<void> => {
    if (failure !== undefined) throw failure;
    if (closed) throw new OutputClosed('stdout is closed');
    if (!stdout.write(chunk)) await drained();
  };
  const marked = (value: object): object => (mode === 'events' ? { type: 'result', ...value } : value);
  // What failed half-way through a list is told in the same object: the bracket is closed first.
  let isListOpen = false;

  return {
    json(value) {
      if (mode === 'text') return;
      write(isListOpen ? `],${jsonText(value).slice(1)}\n` : `${jsonText(marked(value))}\n`);
      isListOpen = false;
    },
    line(text) {
      if (mode !== 'text') return;
      beforeText();
      write(`${printable(text)}\n`);
    },
    table(columns, rows) {
      if (mode !== 'text') return;
      beforeText();
      const [titles = '', ...lines] = tableLines(
        columns,
        rows.map((row) => row.map(printable)),
      );
      write(`${[bold(titles), ...lines].join('\n')}\n`);
    },
    list(head, key) {
      if (mode === 'text')
        return {
          item: async (_, text) => {
            if (text !== undefined) await push(`${printable(text)}\n`);
          },
          end: async () => {},
        };
      const first = `${jsonText(marked(head)).slice(0, -1)}${Object.keys(marked(head)).length > 0 ? ',' : ''}${jsonText(key)}:[`;
      return {
        async item(value) {
          const before = isListOpen ? ',' : first;
          isListOpen = true;
          await push(before + jsonText(value));
        },
        async end(tail = {}) {
          const before = isListOpen ? '' : first;
          isListOpen = false;
          const rest = jsonText(tail).slice(1);
          await push(`${before}]${rest === '}' ? '' : ','}${rest}\n`);
        },
      };
    },
    bytes: push,
    help: (text) => void write(`${text}\n`),
    event(value) {
      if (mode === 'events') write(`${jsonText(value)}\n`);
    },
    async flush() {
      if (!closed) await new Promise<void>((resolve) => stdout.write('', () => resolve()));
      if (failure !== undefined) throw failure;
    },
  };
}
