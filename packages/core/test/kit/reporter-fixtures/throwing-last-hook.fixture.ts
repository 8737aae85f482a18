import { afterAll, expect, test } from 'vitest';

afterAll(() => {
  throw new Error('the hook throws');
});
test('passes', () => expect(1).toBe(1));
