import { beforeAll, describe, expect, test } from 'vitest';

test('passes', () => expect(1).toBe(1));
describe('a suite', () => {
  beforeAll(() => {
    throw new Error('the hook throws');
  });
  test('never runs', () => expect(1).toBe(1));
});
