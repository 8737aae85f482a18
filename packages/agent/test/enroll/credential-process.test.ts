import path from 'node:path';
import { expect, test } from 'vitest';
import { credentialProcess, pathAfter, tryCredentialProcess } from '../../src/enroll/credential-process.ts';
import type { Trial } from '../../src/enroll/credential-process.ts';
import { FAKE_CREDENTIALS, makeFakeHelper } from '../kit/fake-signing-helper.ts';
import type { FakeAnswer } from '../kit/fake-signing-helper.ts';
import { temporaryFolder } from '../kit/tree.ts';

const NOW = new Date('2026-03-02T12:00:00Z');
const ARNS = {
  trustAnchorArn: 'arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/00000000-0000-0000-0000-000000000001',
  profileArn: 'arn:aws:rolesanywhere:us-west-2:111122223333:profile/00000000-0000-0000-0000-000000000002',
  roleArn: 'arn:aws:iam::111122223333:role/example-prod-backup-device',
};
const command = (folder: string, platform: NodeJS.Platform = 'linux', separator = '/'): string =>
  credentialProcess(
    {
      ...ARNS,
      helper: [folder, 'aws_signing_helper'].join(separator),
      certificateFile: [folder, 'desk-1.crt'].join(separator),
      chainFile: [folder, 'desk-1.chain.crt'].join(separator),
      keyFile: [folder, 'desk-1.key'].join(separator),
      withProxy: true,
    },
    platform,
  );
const attempt = (line: string, signal = new AbortController().signal): Promise<Trial> =>
  tryCredentialProcess(line, { now: NOW, signal });

test.each(['plain', 'with blanks', "o'clock", 'ünïcode', 'a#b;c', '(x) & y', '*?!', '%TEMP%'])(
  'the shell gives the helper what was meant: a folder named %j',
  async (name) => {
    const folder = path.join(temporaryFolder(), name);
    const helper = makeFakeHelper(folder);
    expect(await attempt(command(folder))).toEqual({ works: true, expires: new Date(FAKE_CREDENTIALS.Expiration) });
    expect(helper.arguments()).toEqual([
      'credential-process',
      '--certificate',
      `${folder}/desk-1.crt`,
      '--private-key',
      `${folder}/desk-1.key`,
      '--intermediates',
      `${folder}/desk-1.chain.crt`,
      '--trust-anchor-arn',
      ARNS.trustAnchorArn,
      '--profile-arn',
      ARNS.profileArn,
      '--role-arn',
      ARNS.roleArn,
      '--with-proxy',
    ]);
    expect(pathAfter(command(folder), 'certificate')).toBe(`${folder}/desk-1.crt`);
    expect(pathAfter(command(folder), 'private-key')).toBe(`${folder}/desk-1.key`);
  },
);

test('on Windows backslashes and blanks stand as they are', () => {
  expect(command('C:\\Users\\A B\\x', 'win32', '\\')).toMatch(
    /^"C:\\Users\\A B\\x\\aws_signing_helper" credential-process --certificate "C:\\Users\\A B\\x\\desk-1\.crt" /,
  );
});

test.each([
  ['linux', '/a/$HOME', '$'],
  ['linux', '/a/`id`', '`'],
  ['linux', '/a/"b', '\\"'],
  ['linux', '/a/b\\c', '\\\\'],
  ['linux', '/a/my #1', '#'],
  ['linux', '/a/x ;y', ';'],
  ['linux', '/a/x\ny', '"\\n"'],
  ['win32', 'C:/%TEMP%', '%'],
  ['win32', 'C:/a"b', '\\"'],
] as const)('%s: a folder that no profile can name is refused: %j', (platform, folder, shown) => {
  expect(() => command(folder, platform)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(shown) as string }) as Error,
  );
});

const good = FAKE_CREDENTIALS;
const answers: readonly (readonly [string, FakeAnswer, RegExp])[] = [
  ['nothing', {}, /^it printed something that is no JSON object$/],
  ['nonsense', { stdout: `oops ${good.SecretAccessKey}` }, /^it printed something that is no JSON object$/],
  ['a list', { stdout: '[]' }, /no JSON object/],
  ['another version', { stdout: JSON.stringify({ ...good, Version: 2 }) }, /whose Version is missing or wrong/],
  [
    'no secret',
    { stdout: JSON.stringify({ ...good, SecretAccessKey: undefined }) },
    /whose SecretAccessKey is missing/,
  ],
  ['no end', { stdout: JSON.stringify({ ...good, Expiration: 'soon' }) }, /whose Expiration is missing or wrong/],
  [
    'old ones',
    { stdout: JSON.stringify({ ...good, Expiration: '2026-03-02T11:59:59Z' }) },
    /expired at 2026-03-02T11:59:59.000Z; check the clock/,
  ],
  [
    'a failure',
    { stderr: '\nAccessDeniedException: Untrusted certificate\nmore\n', code: 1 },
    /^it ended with code 1 and said "AccessDeniedException: Untrusted certificate"$/,
  ],
  ['a silent failure', { code: 3 }, /^it ended with code 3 and said nothing$/],
  ['a failure that tells too much', { stderr: `debug: ${JSON.stringify(good)}`, code: 1 }, /redacted/],
  ['a flood', { stdout: 'x'.repeat(100_000) }, /far more than credentials/],
];
test.each(answers)('a helper that gives %s does not work', async (_, answer, problem) => {
  const folder = temporaryFolder();
  makeFakeHelper(folder).answer(answer);
  const trial = await attempt(command(folder));
  expect(trial).toEqual({ works: false, problem: expect.stringMatching(problem) as string });
  for (const secret of [good.AccessKeyId, good.SecretAccessKey, good.SessionToken])
    expect(JSON.stringify(trial)).not.toContain(secret);
});

test('a helper that is no program any more is told', async () => {
  expect(await attempt(command(temporaryFolder()))).toEqual({
    works: false,
    problem: expect.stringMatching(/code 12[67] .*aws_signing_helper/) as string,
  });
});

test('whoever is interrupted does not wait for the helper', async () => {
  const stop = new AbortController();
  const waiting = attempt('sleep 60', stop.signal);
  stop.abort(new Error('interrupted'));
  await expect(waiting).rejects.toThrow('interrupted');
});
