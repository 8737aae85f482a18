import { expect, onTestFinished, test } from 'vitest';
import { JobPool } from '../../src/threads/job-pool.ts';

type Request = number | { readonly add: number };

function openPool(threads: number): JobPool<Request, number> {
  const pool = new JobPool<Request, number>(new URL('./doubling-worker.ts', import.meta.url), threads, undefined);
  onTestFinished(() => pool.close());
  return pool;
}

test('each job gets its own answer', async () => {
  const pool = openPool(2);
  const numbers = Array.from({ length: 50 }, (_, n) => n).filter((n) => n !== 13);
  const answers: Promise<number>[] = [];
  for (const n of numbers) {
    await pool.room();
    answers.push(pool.run(n));
  }
  expect(await Promise.all(answers)).toEqual(numbers.map((n) => n * 2));
});

test('what all threads are told is known to every later job', async () => {
  const pool = openPool(2);
  pool.tell({ add: 100 });
  expect(await Promise.all([pool.run(1), pool.run(2), pool.run(3)])).toEqual([102, 104, 106]);
});

test.each([
  ['throws', -1, /a worker thread failed: Error: too small/],
  ['ends', 13, /a worker thread ended with code 1/],
])('a thread that %s fails all jobs, and those that come later', async (_, bad, message) => {
  const pool = openPool(1);
  const failure = { code: 'FAILED', message: expect.stringMatching(message) as string };
  await expect(pool.run(bad)).rejects.toMatchObject(failure);
  await expect(pool.run(1)).rejects.toMatchObject(failure);
  await expect(pool.room()).rejects.toMatchObject(failure);
});
