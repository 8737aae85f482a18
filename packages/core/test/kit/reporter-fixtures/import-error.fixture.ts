import { test } from 'vitest';

await import(`./${'missing'}.ts`);
test('never known', () => undefined);
