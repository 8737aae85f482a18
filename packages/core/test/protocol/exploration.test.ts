/** A few of the schedules that chance makes; many thousands are played by test/long/protocol-model.test.ts. */
import { expect, test } from 'vitest';
import { explore } from './model/explore.ts';

test('whatever devices, nights, people and the network do, every listed snapshot restores, and what nobody needs goes', async () => {
  const { violation, reached } = await explore({ sequences: 60, seed: 20261, lengthMax: 84, quiesceEvery: 6 });
  expect(violation).toBeUndefined();
  expect(reached).toMatchObject({
    committed: expect.any(Number) as number,
    'pack removed': expect.any(Number) as number,
    'packs-lost': expect.any(Number) as number,
    'snapshot expired': expect.any(Number) as number,
    quiesced: expect.any(Number) as number,
  });
});

test('a schedule is the same each time it is played', async () => {
  const options = { sequences: 5, seed: 7, lengthMax: 84, quiesceEvery: 5 };
  const [first, second] = [await explore(options), await explore(options)];
  expect(second.reached).toEqual(first.reached);
});
