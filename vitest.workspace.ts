import { defineConfig } from 'vitest/config';
import closingLine from './packages/core/test/kit/closing-line-reporter.ts';

export default defineConfig({
  test: {
    reporters: ['default', closingLine()],
    testTimeout: 30_000,
    projects: ['packages/core', 'packages/agent', 'packages/bench', 'infra'].map((root) => ({
      test: { name: root.replace('packages/', ''), root, include: ['test/**/*.test.ts'], testTimeout: 30_000 },
    })),
  },
});
