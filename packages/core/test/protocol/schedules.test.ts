import { expect, test } from 'vitest';
import { Script } from './model/script.ts';
import { SCHEDULES } from './schedules.ts';

test.each(SCHEDULES)('$name', async ({ play }) => {
  const script = await Script.begin({ removedShareMax: 1 });
  await play(script);
  expect(await script.violation()).toBeUndefined();
});
