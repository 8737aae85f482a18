import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT_CODE_MEANINGS, worstExitCode } from '@backup-agent/core';
import { EXIT_CODES_FILE, exitCodesDocument } from '../../scripts/exit-codes-document.ts';

test('the document is the table of the code', () => {
  expect(readFileSync(EXIT_CODES_FILE, 'utf8')).toBe(exitCodesDocument());
});

test('the order in which codes go before others is that of the document', () => {
  const [, list = ''] = /is the exit code: ([\d, ]+)\./.exec(exitCodesDocument()) ?? [];
  const order = list.split(', ').map(Number);
  expect(new Set([...order, 0])).toEqual(new Set(EXIT_CODE_MEANINGS.keys()));
  for (const [i, code] of order.entries()) expect(worstExitCode(order.slice(i).toReversed())).toBe(code);
});
