/** A backup of all that somebody has, into a repository among it. */
import { expect, test } from 'vitest';
import { openCliBench } from '../kit/cli-bench.ts';

test('the first run leaves out the repository and the state that it has just made itself', async () => {
  const { cli, home, top } = openCliBench();
  const run = ['run', top, '--repo', `${home}/backup`, '--device', 'laptop', '--json'];
  for (const count of [2, 0]) {
    const { code, stdout } = await cli(...run);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ totals: { files: 2 }, counts: { filesNew: count, filesDeleted: 0 } });
  }
});
