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
    test('from a request to a backup with the credentials of the helper; then the laptop is stolen', async () => {
      const { AccessKeyId, SecretAccessKey, SessionToken } = FAKE_CREDENTIALS;
      const endpoint = await startS3Endpoint({ accessKeys: { [AccessKeyId]: SecretAccessKey } });
      try {
        const bench = openCliBench();
        const helper = makeFakeHelper(path.join(bench.top, 'tools'));
        const log = path.join(bench.home, 'agent.log');
        const said: string[] = [];
        const cli = async (...words: string[]) => {
          const result = await bench.cli(...words, '--verbose', '--log-file', log);
          said.push(result.stdout, result.stderr);
          return result;
        };
        await cli('enroll', '--device', 'desk-1');
        const authority = makeDeviceAuthority();
        const certificate = authority.sign(path.join(identityOf(bench), 'desk-1.csr'), 'desk-1');
        const use = ['enroll', '--device', 'desk-1', '--certificate', certificate, ...ARNS];

        const missing = await cli(...use);
        expect(missing).toMatchObject({
          code: 2,
          stderr: expect.stringContaining('Get temporary security credentials') as string,
        });

        const enrolled = await cli(...use, '--signing-helper', helper.file);
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
        for (const words of [['run', bench.documents], ['status']])
          expect(await cli(...words)).toMatchObject({ code: 0 });
        expect(helper.arguments()).toContain(path.join(identityOf(bench), 'desk-1.key'));

        for (const failure of [
          { stdout: `{"SecretAccessKey":"${SecretAccessKey}"` },
          { stderr: `${SecretAccessKey} ${SessionToken} ${AccessKeyId}`, code: 1 },
        ]) {
          helper.answer(failure);
          for (const more of [[], ['--json', '--progress']])
            expect(await cli(...use, '--signing-helper', helper.file, ...more)).toMatchObject({ code: 1 });
        }
        expect(said.join('')).toContain('gave no credentials: it ended with code 1 and said "[redacted]');

        for (const commands of commandsUnder('A laptop was stolen')) authority.type(`DEVICE=desk-1\n${commands}`);
        const revoked = authority.type('openssl crl -in revoked.crl -CAfile authority.crt -noout -text');
        const serial = authority.type('openssl x509 -in desk-1.crt -noout -serial').trim().replace('serial=', '');
        expect(revoked).toContain(`Serial Number: ${serial}`);
        expect(revoked).toContain('Key Compromise');

        const key = fs.readFileSync(path.join(identityOf(bench), 'desk-1.key'), 'utf8');
        const everything = [...said, fs.readFileSync(log, 'utf8')].join('\n');
        for (const line of key.split('\n').filter((text) => text !== '' && !text.startsWith('-----')))
          expect(everything).not.toContain(line);
        for (const secret of [AccessKeyId, SecretAccessKey, SessionToken]) expect(everything).not.toContain(secret);
        expect(said.join('')).not.toContain('PRIVATE KEY');
      } finally {
        await endpoint.close();
      }
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
