/** Runs the tiny suites beside it, which fail on purpose, for closing-line-reporter.test.ts. */
import { defineConfig } from 'vitest/config';
import closingLine from '../closing-line-reporter.ts';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.fixture.ts'],
    reporters: ['default', closingLine({ leftOut: [{ name: 'the long suites', reason: 'they take long' }] })],
  },
});
