/** The program's own folders and repository: among what is backed up, and where none can be. */
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

// What Linux says in /proc is what an automounter says of a name that it does not know.
test.runIf(process.platform === 'linux')('no folder for state can be made: a sentence', async () => {
  const { at, documents } = openCliBench({ env: { XDG_STATE_HOME: '/proc/none' } });
  const { code, stderr } = await at('run', documents);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/the folder \/proc\/none cannot be made there \(ENOENT\)\. /),
  ]);
});

test.runIf(process.platform === 'linux')('no folder for caches can be made: a run goes without', async () => {
  const { at, documents, env } = openCliBench({ env: { XDG_CACHE_HOME: '/proc/none' } });
  delete env['NODE_COMPILE_CACHE']; // So that compiled code is to be kept in this folder, too.
  expect((await at('run', documents)).code).toBe(0);
});
