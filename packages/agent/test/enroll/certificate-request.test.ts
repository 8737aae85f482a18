import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDeviceId } from '@backup-agent/core';
import { skippedSuite } from '@backup-agent/core/test-kit';
import { makeCertificateRequest } from '../../src/enroll/certificate-request.ts';
import {
  derBitString,
  derNull,
  derOid,
  derSequence,
  derSetOf,
  derSmallInteger,
  derTagged,
  derUtf8String,
} from '../../src/enroll/der.ts';
import { opensslMissing } from '../kit/device-authority.ts';

const KEYS: readonly (readonly [string, KeyObject, string])[] = [
  ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'ecdsa-with-SHA256'],
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'sha256WithRSAEncryption'],
];

test.each([
  ['a short length is one byte', derUtf8String('abc'), '0c03616263'],
  ['128 bytes need a length of two', derUtf8String('x'.repeat(128)).subarray(0, 3), '0c8180'],
  ['256 bytes need a length of three', derUtf8String('x'.repeat(256)).subarray(0, 4), '0c820100'],
  [
    'the first two arcs share a byte, later ones have seven bits each',
    derOid('1.2.840.113549.1.1.11'),
    '06092a864886f70d01010b',
  ],
  ['an arc below 128', derOid('2.5.4.3'), '0603550403'],
  ['no unused bits', derBitString(Buffer.from('ff', 'hex')), '030200ff'],
  ['a set, a sequence and what they hold', derSetOf(derSequence(derSmallInteger(0), derNull())), '310730050201000500'],
  ['an empty tagged value', derTagged(0, Buffer.alloc(0)), 'a000'],
])('%s', (_, der, hex) => expect(Buffer.from(der).toString('hex')).toBe(hex));

test('lengths are minimal and true, whatever the length', () => {
  fc.assert(
    fc.property(fc.nat({ max: 70_000 }), (bytes) => {
      const der = derUtf8String('x'.repeat(bytes));
      const digits = (der[1] ?? 0) < 0x80 ? 0 : (der[1] ?? 0) & 0x7f;
      const length = digits === 0 ? der[1] : der.readUIntBE(2, digits);
      expect(length).toBe(bytes);
      expect(der.length).toBe(2 + digits + bytes);
      expect(digits).toBe(bytes < 0x80 ? 0 : bytes < 0x100 ? 1 : bytes < 0x1_0000 ? 2 : 3);
    }),
    { numRuns: 50 },
  );
});

if (opensslMissing !== undefined) skippedSuite('requests as OpenSSL reads them', opensslMissing);
else
  describe('requests as OpenSSL reads them', () => {
    // Its exit code is 0 even if the signature is wrong; what it thinks of it stands on stderr.
    const read = (request: Buffer, ...options: string[]): { stdout: string; stderr: string } =>
      spawnSync('openssl', ['req', '-inform', 'DER', '-noout', ...options], { input: request, encoding: 'utf8' });
    const der = (request: string): Buffer => Buffer.from(request.replace(/-----.*-----/g, ''), 'base64');

    test.each(KEYS)(
      '%s: the signature is good, the subject is the device, nothing else is asked for',
      (_, key, algorithm) => {
        for (const name of ['d1', 'desk-1', 'd'.repeat(63)]) {
          const request = der(makeCertificateRequest(parseDeviceId(name), key));
          const { stdout, stderr } = read(request, '-verify', '-subject', '-nameopt', 'RFC2253');
          expect(stderr).toMatch(/verify OK/);
          expect(stdout.trim()).toBe(`subject=CN=${name}`);
          const { stdout: text } = read(request, '-text');
          expect(text).toContain(`Signature Algorithm: ${algorithm}`);
          expect(text).toMatch(/Version: 1 \(0x0\)/);
          expect(text).toMatch(/Attributes:\s+\(none\)/);
        }
      },
    );

    test('a request that was changed is refused', () => {
      const [[, key]] = KEYS as [(typeof KEYS)[number]];
      const changed = der(makeCertificateRequest(parseDeviceId('desk-1'), key));
      changed.write('desk-2', changed.indexOf('desk-1'));
      expect(read(changed, '-verify').stderr).toMatch(/verify failure/i);
    });
  });
