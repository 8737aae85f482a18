import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDeviceId } from '@backup-agent/core';
import { skippedSuite } from '@backup-agent/core/test-kit';
import { findEnrolment } from '../../src/enroll/enrolment.ts';
import { requestCertificate } from '../../src/enroll/request-certificate.ts';
import { useCertificate } from '../../src/enroll/use-certificate.ts';
import type { CertificateUse, EnrolDeps, UsedCertificate } from '../../src/enroll/use-certificate.ts';
import { makeDeviceAuthority, opensslMissing, signOddly } from '../kit/device-authority.ts';
import type { DeviceAuthority } from '../kit/device-authority.ts';
import { failCalls } from '../kit/failing-calls.ts';
import { makeFakeHelper } from '../kit/fake-signing-helper.ts';
import type { FakeHelper } from '../kit/fake-signing-helper.ts';
import { temporaryFolder } from '../kit/tree.ts';

const TRUST_ANCHOR = 'arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/00000000-0000-0000-0000-000000000001';
const PROFILE = 'arn:aws:rolesanywhere:us-west-2:111122223333:profile/00000000-0000-0000-0000-000000000002';
const ROLE = 'arn:aws:iam::111122223333:role/example-prod-backup-device';

interface Bench {
  readonly authority: DeviceAuthority;
  readonly helper: FakeHelper;
  readonly deps: EnrolDeps;
  readonly requestFile: string;
  use(certificateFile: string, more?: Partial<CertificateUse>): Promise<UsedCertificate>;
  config(): string;
}

/** A device that has made its request, and an authority. */
function openBench(): Bench {
  const top = temporaryFolder();
  const authority = makeDeviceAuthority();
  const helper = makeFakeHelper(path.join(top, 'bin'));
  const awsConfigFile = path.join(top, 'aws/config');
  const deps: EnrolDeps = {
    place: { folder: path.join(top, 'identity'), device: parseDeviceId('desk-1') },
    platform: process.platform,
    searchPath: `relative:${path.join(top, 'bin')}`,
    awsConfigFile,
    now: new Date(),
    random: randomBytes,
    signal: new AbortController().signal,
  };
  return {
    authority,
    helper,
    deps,
    requestFile: requestCertificate({ keyType: 'ec' }, deps.place).requestFile,
    use: (certificateFile, more = {}) =>
      useCertificate(
        {
          certificateFile,
          chainFile: undefined,
          keyFile: undefined,
          trustAnchorArn: TRUST_ANCHOR,
          profileArn: PROFILE,
          roleArn: ROLE,
          region: undefined,
          signingHelper: undefined,
          withProxy: false,
          profile: 'backup-agent',
          force: false,
          ...more,
        },
        deps,
      ),
    config: () => fs.readFileSync(awsConfigFile, 'utf8'),
  };
}

const modeOf = (file: string): string => (fs.statSync(file).mode & 0o777).toString(8);
const refusal = (message: RegExp, code = 'CONFIG_INVALID'): Error =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

test('a request is made once; key and folder are for this user only', () => {
  const place = { folder: path.join(temporaryFolder(), 'a/identity'), device: parseDeviceId('desk-1') };
  const made = requestCertificate({ keyType: 'rsa' }, place);
  expect(made).toMatchObject({ outcome: 'created', keyType: 'rsa' });
  expect([modeOf(place.folder), modeOf(made.keyFile)]).toEqual(['700', '600']);
  const before = fs.readFileSync(made.keyFile);
  expect(requestCertificate({ keyType: 'ec' }, place)).toEqual({ ...made, outcome: 'already-there' });
  expect(fs.readFileSync(made.keyFile)).toEqual(before);

  fs.rmSync(made.requestFile);
  expect(requestCertificate({ keyType: 'ec' }, place)).toEqual(made);
  expect(fs.readFileSync(made.keyFile)).toEqual(before);
});

test('renewals lie beside what is there, and devices do not see each other’s files', () => {
  const folder = temporaryFolder();
  const place = { folder, device: parseDeviceId('desk-1') };
  const other = { folder, device: parseDeviceId('desk-1-2') };
  expect(() => requestCertificate({ keyType: 'ec', renew: 'with-new-key' }, place)).toThrow(
    refusal(/no key of desk-1/),
  );
  requestCertificate({ keyType: 'ec' }, other);
  requestCertificate({ keyType: 'ec' }, place);
  requestCertificate({ keyType: 'ec', renew: 'with-new-key' }, place);
  const third = requestCertificate({ keyType: 'ec', renew: 'with-same-key' }, place);
  expect(third).toMatchObject({
    keyFile: path.join(folder, 'desk-1.2.key'),
    requestFile: path.join(folder, 'desk-1.3.csr'),
  });
  expect(requestCertificate({ keyType: 'ec' }, place)).toEqual({ ...third, outcome: 'already-there' });
  expect(fs.readdirSync(folder).sort()).toEqual([
    'desk-1-2.csr',
    'desk-1-2.key',
    'desk-1.2.csr',
    'desk-1.2.key',
    'desk-1.3.csr',
    'desk-1.csr',
    'desk-1.key',
  ]);
});

test('a key file that is damaged is told, not replaced, and not repeated', () => {
  const place = { folder: temporaryFolder(), device: parseDeviceId('desk-1') };
  const { keyFile } = requestCertificate({ keyType: 'ec' }, place);
  const damaged = fs.readFileSync(keyFile, 'utf8').replace(/\nM/, '\n!');
  fs.writeFileSync(keyFile, damaged);
  expect(() => requestCertificate({ keyType: 'ec' }, place)).toThrow(
    refusal(/^\S+desk-1.key holds no private key in PEM$/),
  );
  expect(fs.readFileSync(keyFile, 'utf8')).toBe(damaged);
});

if (opensslMissing !== undefined) skippedSuite('certificates of an authority', opensslMissing);
else
  describe('certificates of an authority', () => {
    test('a certificate becomes a profile', async () => {
      const { use, authority, requestFile, deps, helper, config } = openBench();
      const used = await use(authority.sign(requestFile, 'desk-1'));
      const { folder } = deps.place;
      expect(used).toMatchObject({
        outcome: 'created',
        certificateFile: path.join(folder, 'desk-1.crt'),
        keyFile: path.join(folder, 'desk-1.key'),
        signingHelper: helper.file,
        trial: { works: true },
      });
      expect(used.daysLeft).toBeGreaterThanOrEqual(363);
      expect([modeOf(deps.awsConfigFile), modeOf(path.dirname(deps.awsConfigFile))]).toEqual(['600', '700']);
      expect(config()).toBe(
        `[profile backup-agent]\ncredential_process = "${helper.file}" credential-process --certificate "${folder}/desk-1.crt" --private-key "${folder}/desk-1.key" --trust-anchor-arn ${TRUST_ANCHOR} --profile-arn ${PROFILE} --role-arn ${ROLE}\nregion = us-west-2\n`,
      );
      expect(findEnrolment('backup-agent', deps)).toMatchObject({
        certificateFile: used.certificateFile,
        daysLeft: used.daysLeft,
      });
    });

    test('the same again changes nothing', async () => {
      const { use, authority, requestFile, deps, config } = openBench();
      const certificate = authority.sign(requestFile, 'desk-1');
      await use(certificate);
      const before = [config(), fs.readdirSync(deps.place.folder), fs.statSync(deps.awsConfigFile).ino];
      expect(await use(certificate)).toMatchObject({ outcome: 'unchanged', trial: { works: true } });
      expect([config(), fs.readdirSync(deps.place.folder), fs.statSync(deps.awsConfigFile).ino]).toEqual(before);
    });

    test('what is not this device’s certificate is refused, and nothing is written', async () => {
      const { use, authority, requestFile, deps } = openBench();
      const otherKey = requestCertificate(
        { keyType: 'ec' },
        { ...deps.place, device: parseDeviceId('desk-2') },
      ).requestFile;
      const odd = (wanted: Parameters<typeof signOddly>[1]): string => signOddly(authority, wanted);
      const twoInOne = path.join(authority.folder, 'two-in-one.crt');
      const key = path.join(deps.place.folder, 'desk-1.key');
      authority.type(
        `openssl req -x509 -new -config authority.cnf -extensions device -key '${key}' -subj /CN=desk-1+O=x -out two-in-one.crt`,
      );
      const emptyFile = path.join(authority.folder, 'empty');
      fs.writeFileSync(emptyFile, '');
      const broken = path.join(authority.folder, 'broken');
      fs.writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
      const before = fs.readdirSync(deps.place.folder);
      const rows: readonly (readonly [string, RegExp])[] = [
        [odd({ requestFile, subject: '/CN=desk-2' }), /is for device desk-2, and this is desk-1$/],
        [odd({ requestFile, subject: '/CN=Desk 1' }), /has the common name "Desk 1", which is no device id$/],
        [twoInOne, /has no common name$/],
        [odd({ requestFile, subject: '/O=desk-1' }), /has no common name$/],
        [odd({ requestFile, subject: '/CN=desk-1/CN=desk-2' }), /has more than one common name$/],
        [odd({ requestFile, from: -20, to: -10 }), /expired on \d{4}-\d\d-\d\d$/],
        [odd({ requestFile, from: 10, to: 20 }), /is not valid before /],
        [odd({ requestFile, extensions: 'authority' }), /is an authority's certificate/],
        [odd({ requestFile: otherKey }), /belongs to none of the keys of desk-1 in /],
        [requestFile, /holds no certificate in PEM$/],
        [emptyFile, /holds no certificate in PEM$/],
        [broken, /holds a certificate that cannot be read$/],
        [path.join(authority.folder, 'gone'), /^there is no file /],
      ];
      for (const [file, message] of rows) await expect(use(file), file).rejects.toThrow(refusal(message));
      expect(fs.readdirSync(deps.place.folder)).toEqual(before);
      expect(fs.existsSync(deps.awsConfigFile)).toBe(false);
    });

    test('names of AWS that are none, or not of one deployment, are refused', async () => {
      const { use, authority, requestFile } = openBench();
      const certificate = authority.sign(requestFile, 'desk-1');
      const rows: readonly (readonly [Partial<CertificateUse>, RegExp])[] = [
        [{ roleArn: undefined }, /needs --role-arn too/],
        [{ trustAnchorArn: PROFILE }, /--trust-anchor-arn: ".*" is not the ARN of a trust anchor/],
        [{ profileArn: `${PROFILE}; rm -rf /` }, /is not the ARN of a profile/],
        [{ roleArn: `${ROLE}$(id)` }, /is not the ARN of an IAM role/],
        [{ profileArn: PROFILE.replace('us-west-2', 'eu-west-1') }, /is in us-west-2 and the profile in eu-west-1/],
        [{ roleArn: ROLE.replace('111122223333', '444455556666') }, /are not of one account/],
      ];
      for (const [more, message] of rows) await expect(use(certificate, more)).rejects.toThrow(refusal(message));
    });

    test('authorities between the device’s and the trust anchor are kept beside it, in order or not at all', async () => {
      const { use, authority, requestFile, deps, helper } = openBench();
      const certificate = authority.sign(requestFile, 'desk-1');
      const chainFile = authority.certificateFile;
      await use(certificate, { chainFile });
      expect(helper.arguments()).toEqual(
        expect.arrayContaining(['--intermediates', `${deps.place.folder}/desk-1.chain.crt`]),
      );
      const wrong = { chainFile: makeDeviceAuthority().certificateFile };
      await expect(use(certificate, wrong)).rejects.toThrow(refusal(/does not lead upwards/));
    });

    test('without the helper it is said what is missing and where it is', async () => {
      const { use, authority, requestFile, helper } = openBench();
      const certificate = authority.sign(requestFile, 'desk-1');
      const named = helper.file.replace('/bin/', '/tools/');
      fs.renameSync(path.dirname(helper.file), path.dirname(named));
      const error: unknown = await use(certificate).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'CONFIG_INVALID',
        message: 'aws_signing_helper is not on the search path (PATH)',
        hint: expect.stringContaining('"Get temporary security credentials from IAM Roles Anywhere"') as string,
      });
      await expect(use(certificate, { signingHelper: helper.file })).rejects.toThrow(refusal(/is no program/));
      expect(await use(certificate, { signingHelper: named })).toMatchObject({ signingHelper: named });
    });

    test('a first enrolment is written even if it does not work yet', async () => {
      const { use, authority, requestFile, helper, config } = openBench();
      helper.answer({ stderr: 'dial tcp: no such host', code: 1 });
      expect(await use(authority.sign(requestFile, 'desk-1'))).toMatchObject({
        outcome: 'created',
        trial: { works: false, problem: expect.stringContaining('no such host') as string },
      });
      expect(config()).toContain('[profile backup-agent]');
    });

    test('a renewal switches when it works, and not before', async () => {
      const { use, authority, requestFile, deps, helper, config } = openBench();
      await use(authority.sign(requestFile, 'desk-1'));
      const first = config();
      const renewal = requestCertificate({ keyType: 'ec', renew: 'with-new-key' }, deps.place);
      expect(config()).toBe(first);
      const next = authority.sign(renewal.requestFile, 'desk-1');
      helper.answer({ stderr: 'Untrusted certificate', code: 1 });
      expect(await use(next)).toMatchObject({ outcome: 'kept' });
      expect(config()).toBe(first);

      const good = makeFakeHelper(path.join(authority.folder, 'bin'));
      expect(await use(next, { signingHelper: good.file })).toMatchObject({
        outcome: 'replaced',
        certificateFile: path.join(deps.place.folder, 'desk-1.2.crt'),
        keyFile: renewal.keyFile,
      });
      expect(config().replaceAll('desk-1.2.', 'desk-1.').replace(good.file, helper.file)).toBe(first);
      expect(await use(next, { force: true })).toMatchObject({ outcome: 'replaced', trial: { works: false } });
    });

    test('a key that lies elsewhere is named', async () => {
      const { use, authority, requestFile, deps } = openBench();
      const keyFile = path.join(authority.folder, 'moved.key');
      fs.renameSync(path.join(deps.place.folder, 'desk-1.key'), keyFile);
      const certificate = authority.sign(requestFile, 'desk-1');
      await expect(use(certificate)).rejects.toThrow(refusal(/none of the keys/));
      expect(await use(certificate, { keyFile })).toMatchObject({ keyFile });
      const locked = path.join(authority.folder, 'authority.key');
      await expect(use(certificate, { keyFile: locked })).rejects.toThrow(refusal(/is protected by a passphrase/));
    });

    test('a profile of somebody else is replaced only by force; all else is kept', async () => {
      const { use, authority, requestFile, deps, config } = openBench();
      const certificate = authority.sign(requestFile, 'desk-1');
      const others = [
        '# my accounts\r\n[default]\r\nregion = \xe9\r\n\r\n',
        '[profile backup-agent]\r\n; by hand\r\nsso_session = x\r\n',
        '\r\n[profile z]\r\na = b',
      ] as const;
      fs.mkdirSync(path.dirname(deps.awsConfigFile));
      fs.writeFileSync(deps.awsConfigFile, others.join(''), { encoding: 'latin1', mode: 0o640 });
      await expect(use(certificate)).rejects.toThrow(
        refusal(/has a profile "backup-agent" already, which is another's/),
      );
      expect(fs.readFileSync(deps.awsConfigFile, 'latin1')).toBe(others.join(''));
      expect(await use(certificate, { profile: 'other' })).toMatchObject({ outcome: 'created' });
      expect(await use(certificate, { force: true })).toMatchObject({ outcome: 'replaced' });
      const now = fs.readFileSync(deps.awsConfigFile, 'latin1');
      expect(now.startsWith(`${others[0]}[profile backup-agent]\r\n; by hand\r\ncredential_process = `)).toBe(true);
      expect(now).toContain(`region = us-west-2\r\n${others[2]}\r\n\r\n[profile other]\r\n`);
      expect(now).not.toContain('sso_session');
      expect(modeOf(deps.awsConfigFile)).toBe('640');
      fs.appendFileSync(deps.awsConfigFile, '[profile other]\n');
      await expect(use(certificate, { profile: 'other' })).rejects.toThrow(refusal(/more than one profile "other"/));
      expect(config()).toContain('[profile z]');
    });

    test('a link to the AWS configuration stays a link', async () => {
      const { use, authority, requestFile, deps } = openBench();
      const real = path.join(authority.folder, 'dotfiles');
      fs.writeFileSync(real, '');
      fs.mkdirSync(path.dirname(deps.awsConfigFile));
      fs.symlinkSync(real, deps.awsConfigFile);
      await use(authority.sign(requestFile, 'desk-1'));
      expect(fs.lstatSync(deps.awsConfigFile).isSymbolicLink()).toBe(true);
      expect(fs.readFileSync(real, 'utf8')).toContain('[profile backup-agent]');
    });

    test('an AWS configuration that cannot be written is told, and nothing is left aside', async () => {
      const { use, authority, requestFile, deps } = openBench();
      const certificate = authority.sign(requestFile, 'desk-1');
      const folder = path.dirname(deps.awsConfigFile);
      fs.writeFileSync(folder, 'a file');
      await expect(use(certificate)).rejects.toThrow(refusal(/cannot (?:read|write) the AWS configuration .*ENOTDIR/));
      fs.rmSync(folder);
      fs.mkdirSync(folder, { mode: 0o500 });
      if (process.getuid?.() === 0) return; // Permissions do not stop this user.
      await expect(use(certificate)).rejects.toThrow(refusal(/cannot write .*EACCES/, 'ACCESS_DENIED'));
      expect(fs.readdirSync(folder)).toEqual([]);
    });
  });

test('a full disk leaves no half of a key: with room again, the same command makes one', () => {
  const place = { folder: path.join(temporaryFolder(), 'identity'), device: parseDeviceId('desk-1') };
  const hits = failCalls('fsyncSync', 'ENOSPC', () => hits.count === 0);
  expect(() => requestCertificate({ keyType: 'ec' }, place)).toThrow(/ENOSPC/);
  expect([hits.count, fs.readdirSync(place.folder)]).toEqual([1, []]);
  expect(requestCertificate({ keyType: 'ec' }, place).outcome).toBe('created');
});
