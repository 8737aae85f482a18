/** The order in which a local store talks to the system, as strace sees it: nothing is promised before it is durable. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { skippedSuite } from '../kit/skipped-suite.ts';
import { temporaryFolder } from '../store/local/temporary-folder.ts';

const SCRIPT = join(import.meta.dirname, '..', 'store', 'local', 'creating-process.ts');
const hasStrace = spawnSync('strace', ['-V']).status === 0;

if (!hasStrace) skippedSuite('the local store under strace', 'strace is not installed');
else {
  test('an object is on the disk before it has its name, and its folders before it counts as created', async () => {
    const parent = await temporaryFolder();
    const calls = tracedCalls(join(parent, 'new', 'repository'), join(parent, 'trace'), parent);
    const marks = 'new/repository/v1/devices/laptop/marks';
    const at = (call: string): number => {
      expect(calls).toContain(call);
      return calls.indexOf(call);
    };
    const linked = at(`link PART -> ${marks}/00000001.json`);
    const answered = at('answer');
    expect(at('fsync PART')).toBeLessThan(linked);
    expect(linked).toBeLessThan(calls.indexOf(`fsync ${marks}`, linked));
    expect(calls.indexOf(`fsync ${marks}`, linked)).toBeLessThan(answered);
    for (const folder of ['', 'new', 'new/repository', 'new/repository/v1', 'new/repository/v1/devices']) {
      expect(at(`fsync ${folder}`)).toBeLessThan(answered);
    }
    expect(at('fsync new/repository/v1/devices/laptop')).toBeLessThan(answered);
    expect(calls.indexOf('unlink PART', linked)).toBeGreaterThan(linked);
  });
}

/** What a process does that creates one object: `fsync <path>`, `link PART -> <path>`, ..., and `answer` when it is told. */
function tracedCalls(folder: string, trace: string, parent: string): string[] {
  const strace = [
    '-f',
    '-y',
    '-qq',
    '-s',
    '64',
    '-e',
    'trace=fsync,link,linkat,unlink,unlinkat,rename,write',
    '-o',
    trace,
  ];
  const ended = spawnSync('strace', [...strace, process.execPath, SCRIPT, folder, '1', '1600', '1'], { input: 'go\n' });
  expect(ended.stdout.toString()).toBe('ready\ncreated\n');
  const relative = (path: string): string =>
    path.endsWith('.part') ? 'PART' : path.slice(parent.length).replace(/^\//, '');
  return readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, call = '', rest = ''] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
      const paths = [...rest.replaceAll(/AT_FDCWD<[^>]*>/g, '').matchAll(/[<"](\/[^>"]*)[>"]/g)].map(
        ([, path = '']) => path,
      );
      if (call === 'write') return rest.includes('"created\\n"') ? ['answer'] : [];
      if (!paths.some((path) => path.startsWith(parent))) return [];
      return [`${call.replace(/at$/, '')} ${paths.map(relative).join(' -> ')}`];
    });
}
