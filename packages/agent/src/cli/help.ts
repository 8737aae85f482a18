/** Texts of --help. The general one needs nothing but the list of commands, so that it comes at once. */
import { EXIT_CODE_MEANINGS } from '@backup-agent/core';
import type { CommandRow } from './commands.ts';
import type { ArgumentSpecs, CommandDefinition } from './define-command.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { kebabCase, optionName, optionsOf } from './option-names.ts';
import { positionalUsage } from './positionals.ts';

const WIDTH_MIN = 40;

export function commandHelp(row: CommandRow, definition: CommandDefinition, columns: number): string {
  const width = Math.max(WIDTH_MIN, columns);
  const { args, notes, examples = [] } = definition;
  const positionals = Object.entries(args).flatMap(([name, spec]) =>
    spec.type === 'positional' ? [[`<${kebabCase(name)}>`, spec.describe] as const] : [],
  );
  const sections = [
    `backup-agent ${[row.name, positionalUsage(args)].filter((part) => part !== '').join(' ')} [options]`,
    sentence(row.describe),
    section('Arguments', positionals, width),
    section('Options', optionRows(args), width),
    section('Options of every command', optionRows(GLOBAL_OPTIONS), width),
    notes === undefined ? '' : wrap(notes, width).join('\n'),
    section('Exit codes', EXIT_CODE_ROWS, width),
    examples.length === 0 ? '' : ['Examples:', ...examples.map((example) => `  ${example}`)].join('\n'),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

const EXIT_CODE_ROWS = [...EXIT_CODE_MEANINGS].map(([code, meaning]) => [String(code), meaning] as const);

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

const optionRows = (specs: ArgumentSpecs): (readonly [string, string])[] =>
  optionsOf(specs).map(([name, spec]) => {
    if (spec.type === 'flag') return [optionName(name), spec.describe];
    const value = spec.type === 'optional-text' ? `[=<${spec.value}>]` : ` <${spec.value}>`;
    const again = spec.type === 'list' ? ' (may be repeated)' : '';
    const choices = spec.type === 'text' && spec.choices !== undefined ? `: ${spec.choices.join(', ')}` : '';
    return [optionName(name) + value, spec.describe + choices + again];
  });

function section(title: string, rows: readonly (readonly [string, string])[], width: number): string {
  if (rows.length === 0) return '';
  const first = Math.min(28, Math.max(...rows.map(([name]) => name.length)));
  const lines = rows.flatMap(([name, text]) => {
    const [head = '', ...more] = wrap(text, Math.max(20, width - first - 4));
    const indent = ' '.repeat(first + 4);
    const beginning = name.length > first ? [`  ${name}`, indent + head] : [`  ${name.padEnd(first)}  ${head}`];
    return [...beginning, ...more.map((line) => indent + line)];
  });
  return [`${title}:`, ...lines].join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
