import { test } from 'vitest';

const missing: string = './missing.ts';
await import(missing);
test('never known', () => undefined);
