import { globSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import closingLine from './packages/core/test/kit/closing-line-reporter.ts';

const ROOTS = ['packages/core', 'packages/agent', 'packages/bench', 'infra'];
const LONG = 'test/long/**/*.test.ts';

// Tests start hundreds of threads and processes that load the same sources: compiled once, they start in half the time.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node-compile');

/** The long suites take minutes each or need servers and tools that only .ci/run sets up. */
const wanted = process.env['BACKUP_AGENT_LONG'];
const withLong = wanted === '1' || wanted === 'without-model';
/** Needs both cores for minutes: whoever runs the others runs it by itself. */
const excluded = wanted === 'without-model' ? ['test/long/protocol-model.test.ts'] : [];
const leftOut = withLong
  ? []
  : globSync(
      ROOTS.map((root) => `${root}/${LONG}`),
      { cwd: import.meta.dirname },
    ).sort();

export default defineConfig({
  test: {
    reporters: [
      'default',
      closingLine({ leftOut: leftOut.map((name) => ({ name, reason: 'runs long: set BACKUP_AGENT_LONG=1' })) }),
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Most tests wait for child processes and disks: more of them than cores keep both cores busy.
    maxWorkers: 4,
    projects: ROOTS.map((root) => ({
      test: {
        name: root.replace('packages/', ''),
        root,
        include: ['test/**/*.test.ts'],
        globalSetup:
          root === 'packages/agent' || (root === 'infra' && withLong)
            ? [join(import.meta.dirname, 'packages/agent/test/kit/build-cli.ts')]
            : [],
        exclude: withLong ? excluded : [LONG],
        testTimeout: 120_000,
        hookTimeout: 120_000,
      },
    })),
  },
});
