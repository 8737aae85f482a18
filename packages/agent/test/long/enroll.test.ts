import * as fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { skippedSuite, startS3Endpoint } from '@backup-agent/core/test-kit';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';
import { commandsUnder, makeDeviceAuthority, opensslMissing } from '../kit/device-authority.ts';
import { FAKE_CREDENTIALS, makeFakeHelper } from '../kit/fake-signing-helper.ts';

const ARNS = [
  '--trust-anchor-arn',
  'arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/00000000-0000-0000-0000-000000000001',
  '--profile-arn',
  'arn:aws:rolesanywhere:us-east-1:111122223333:profile/00000000-0000-0000-0000-000000000002',
  '--role-arn',
  'arn:aws:iam::111122223333:role/example-prod-backup-device',
];
const identityOf = ({ home }: CliBench): string => path.join(home, '.config/backup-agent/identity');

/** A device whose request was answered, and the command that uses the certificate. */
async function askForCertificate(bench: CliBench) {
  const helper = makeFakeHelper(path.join(bench.top, 'tools'));
  await bench.cli('enroll', '--device', 'desk-1');
  const authority = makeDeviceAuthority();
  const certificate = authority.sign(path.join(identityOf(bench), 'desk-1.csr'), 'desk-1');
  const use = ['enroll', '--device', 'desk-1', '--certificate', certificate, ...ARNS, '--signing-helper', helper.file];
  return { helper, certificate, use };
}

/** Everything that the commands say, on streams and in the log. */
function listenTo(bench: CliBench) {
  const log = path.join(bench.home, 'agent.log');
  const said: string[] = [];
  return {
    async cli(...words: string[]) {
      const result = await bench.cli(...words, '--verbose', '--log-file', log);
      said.push(result.stdout, result.stderr);
      return result;
    },
    expectNoSecrets() {
      const everything = [...said, fs.readFileSync(log, 'utf8')].join('\n');
      expect(everything).toContain('desk-1.crt');
      const key = fs.readFileSync(path.join(identityOf(bench), 'desk-1.key'), 'utf8');
      const { AccessKeyId, SecretAccessKey, SessionToken } = FAKE_CREDENTIALS;
      const secrets = key.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
      expect(secrets.length).toBeGreaterThan(1);
      for (const secret of [...secrets, 'PRIVATE KEY', AccessKeyId, SecretAccessKey, SessionToken])
        expect(everything).not.toContain(secret);
    },
  };
}

test('a first enrol makes a key and a request and says what to do; a second one tells the same', async () => {
  const bench = openCliBench();
  const requestFile = path.join(identityOf(bench), 'desk-1.csr');
  const first = await bench.cli('enroll', '--device', 'desk-1');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain(`Wrote the request ${requestFile}.`);
  expect(first.stdout).toContain('with the common name desk-1');
  const second = await bench.cli('enroll', '--device', 'desk-1', '--json');
  expect(JSON.parse(second.stdout)).toEqual({
    step: 'request',
    outcome: 'already-there',
    device: 'desk-1',
    keyFile: path.join(identityOf(bench), 'desk-1.key'),
    keyType: 'ec',
    requestFile,
    enrolment: null,
  });
});

test.each([
  [
    'a certificate and a request at once',
    ['--renew', '--certificate', 'x.crt'],
    /a request and a certificate are two steps/,
  ],
  ['what belongs to a certificate, without one', ['--role-arn', 'x'], /a request and a certificate are two steps/],
  ['a profile that no file could name', ['--aws-profile', 'a]b'], /"a\]b" is no name for a profile/],
  ['a certificate without the names', ['--certificate', 'x.crt'], /a certificate needs --trust-anchor-arn too/],
  ['a certificate that is not there', ['--certificate', 'x.crt', ...ARNS], /there is no file .*x\.crt/],
  ['a renewal of nothing', ['--renew'], /there is no key of desk-1 .* that could be renewed/],
  ['a device id that is none', ['--device', 'Desk 1'], /"Desk 1" is not a device id/],
])('%s is refused, and nothing is made', async (_, words, sentence) => {
  const bench = openCliBench();
  const { code, stderr } = await bench.cli('enroll', '--device', 'desk-1', ...words);
  expect(stderr).toMatch(sentence);
  expect(code).toBe(2);
  expect(fs.existsSync(identityOf(bench))).toBe(false);
});

if (opensslMissing !== undefined) skippedSuite('enrolment as the page tells it', opensslMissing);
else
  describe('enrolment as the page tells it', () => {
    test('from a request to a backup with the credentials that the helper gives', async () => {
      const { AccessKeyId, SecretAccessKey } = FAKE_CREDENTIALS;
      const endpoint = await startS3Endpoint({ accessKeys: { [AccessKeyId]: SecretAccessKey } });
      try {
        const bench = openCliBench();
        const { cli, expectNoSecrets } = listenTo(bench);
        const { helper, certificate, use } = await askForCertificate(bench);
        const missing = await cli('enroll', '--device', 'desk-1', '--certificate', certificate, ...ARNS);
        expect(missing.stderr).toContain('Get temporary security credentials from IAM Roles Anywhere');
        expect(missing.code).toBe(2);

        const enrolled = await cli(...use);
        expect(enrolled).toMatchObject({ code: 0, stderr: '' });
        expect(enrolled.stdout).toMatch(/^Profile backup-agent in .*\.aws\/config now uses .*desk-1\.crt, until /m);
        expect(enrolled.stdout).toMatch(/^It works: credentials came, good until 2126-/m);
        expect(enrolled.stdout).toMatch(/^Backups use it with "awsProfile": "backup-agent" in the configuration file/m);
        const told = await cli('enroll', '--device', 'desk-1', '--json');
        expect(JSON.parse(told.stdout)).toMatchObject({ enrolment: { profile: 'backup-agent', daysLeft: 364 } });

        const s3 = ['--repo', 's3://bucket/office', '--endpoint', endpoint.url, '--device', 'desk-1'];
        expect(await cli('init', ...s3)).toMatchObject({ code: 6 });
        bench.env['AWS_PROFILE'] = 'backup-agent';
        expect(await cli('init', ...s3, '--write-config')).toMatchObject({ code: 0 });
        delete bench.env['AWS_PROFILE'];
        expect(JSON.parse(fs.readFileSync(bench.configFile, 'utf8'))).toMatchObject({ awsProfile: 'backup-agent' });
        expect(await cli('run', bench.documents)).toMatchObject({ code: 0 });
        expect(helper.arguments()).toContain(path.join(identityOf(bench), 'desk-1.key'));
        expectNoSecrets();
      } finally {
        await endpoint.close();
      }
    });

    test('a helper that fails ends in exit code 1, and nothing secret is repeated', async () => {
      const { AccessKeyId, SecretAccessKey, SessionToken } = FAKE_CREDENTIALS;
      const bench = openCliBench();
      const { cli, expectNoSecrets } = listenTo(bench);
      const { helper, use } = await askForCertificate(bench);
      helper.answer({ stderr: `${SecretAccessKey} ${SessionToken} ${AccessKeyId}`, code: 1 });
      const failed = await cli(...use);
      expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('now uses') as string });
      expect(failed.stderr).toContain('gave no credentials: it ended with code 1 and said "[redacted]');
      helper.answer({ stdout: `{"Version":1,"SecretAccessKey":"${SecretAccessKey}"}` });
      const { code, stdout } = await cli(...use, '--json', '--progress');
      expect(code).toBe(1);
      expect(stdout).toContain('"problem":"it printed credentials whose AccessKeyId is missing or wrong"');
      expectNoSecrets();
    });

    test('the authority’s certificate says what Roles Anywhere asks of it, and so does a device’s', async () => {
      const bench = openCliBench();
      await bench.cli('enroll', '--device', 'desk-1', '--key-type', 'rsa');
      const authority = makeDeviceAuthority();
      authority.sign(path.join(identityOf(bench), 'desk-1.csr'), 'desk-1');
      const extensions = (file: string): string =>
        authority.type(`openssl x509 -in ${file} -noout -ext basicConstraints,keyUsage -subject -nameopt RFC2253`);
      expect(extensions('authority.crt')).toMatch(/CA:TRUE, pathlen:0[^]*Certificate Sign, CRL Sign/);
      expect(extensions('desk-1.crt')).toMatch(
        /CA:FALSE[^]*Digital Signature\nsubject=CN=desk-1$|subject=CN=desk-1\n[^]*CA:FALSE[^]*Digital Signature/m,
      );
      expect(authority.type('openssl x509 -in authority.crt -noout -text')).toMatch(
        /ecdsa-with-SHA384[^]*Version: 3|Version: 3[^]*ecdsa-with-SHA384/,
      );
      expect(authority.type('openssl pkey -in authority.key -passin pass:wrong -noout 2>&1 || echo locked')).toContain(
        'locked',
      );
    });

    test('a stolen laptop’s certificate gets into a list that the authority has signed', async () => {
      const bench = openCliBench();
      await bench.cli('enroll', '--device', 'desk-1');
      const authority = makeDeviceAuthority();
      authority.sign(path.join(identityOf(bench), 'desk-1.csr'), 'desk-1');
      const commands = commandsUnder('A laptop was stolen');
      expect(commands).toHaveLength(1);
      for (const command of commands) authority.type(`DEVICE=desk-1\n${command}`);
      const serial = authority.type('openssl x509 -in desk-1.crt -noout -serial').trim().replace('serial=', '');
      const listed = authority.type('openssl crl -in revoked.crl -CAfile authority.crt -noout -text 2>&1');
      expect(listed).toMatch(/verify OK/);
      expect(listed).toContain(`Serial Number: ${serial}`);
      expect(listed).toContain('Key Compromise');
    });

    test('a certificate that ends soon is told, and so are keys that would win over it', async () => {
      const bench = openCliBench();
      const helper = makeFakeHelper(path.join(bench.top, 'tools'));
      await bench.cli('enroll', '--device', 'desk-1');
      const authority = makeDeviceAuthority();
      authority.type("sed -i.old 's/^default_days.*/default_days = 12/' authority.cnf");
      const certificate = authority.sign(path.join(identityOf(bench), 'desk-1.csr'), 'desk-1');
      fs.mkdirSync(path.join(bench.home, '.aws'));
      fs.writeFileSync(path.join(bench.home, '.aws/credentials'), '[backup-agent]\naws_access_key_id = x\n');
      const words = [
        'enroll',
        '--device',
        'desk-1',
        '--certificate',
        certificate,
        ...ARNS,
        '--signing-helper',
        helper.file,
      ];
      const { code, stderr } = await bench.cli(...words);
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /the certificate expires in 1[12] days; "backup-agent enroll --renew" makes the next request/,
      );
      expect(stderr).toMatch(/\.aws\/credentials has keys under the name backup-agent too, and they win/);
      expect((await bench.cli('enroll', '--device', 'desk-1')).stderr).toMatch(/expires in 1[12] days/);
    });
  });
