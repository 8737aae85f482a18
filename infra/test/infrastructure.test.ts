/** All suites that need the stacks, in one file: loading CDK and synthesizing cost more than all tests together. */
await import('./suites/storage.ts');
await import('./suites/policies.ts');
await import('./suites/service.ts');
await import('./suites/alarms.ts');
await import('./suites/simulation.ts');
await import('./suites/recorded.ts');
await import('./suites/reference-stack.ts');
export {};
