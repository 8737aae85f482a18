import { createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { DeviceId } from '@backup-agent/core';
import {
  derBitString,
  derNull,
  derOid,
  derSequence,
  derSetOf,
  derSmallInteger,
  derTagged,
  derUtf8String,
} from './der.ts';

const OID_COMMON_NAME = '2.5.4.3';
const OID_ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const OID_RSA_SHA256 = '1.2.840.113549.1.1.11';
const PEM_LINE_LENGTH = 64;

/**
 * A request for a certificate (PKCS#10, RFC 2986) in PEM, signed by the key it is for: whose subject is the device's id
 * and nothing else. Which extensions the certificate gets, the authority decides, so none are asked for.
 */
export function makeCertificateRequest(device: DeviceId, privateKey: KeyObject): string {
  const version = derSmallInteger(0);
  const subject = derSequence(derSetOf(derSequence(derOid(OID_COMMON_NAME), derUtf8String(device))));
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const noAttributes = derTagged(0, Buffer.alloc(0));
  const info = derSequence(version, subject, publicKey, noAttributes);
  const request = derSequence(info, algorithmOf(privateKey), derBitString(sign('sha256', info, privateKey)));
  return pem('CERTIFICATE REQUEST', request);
}

const algorithmOf = (key: KeyObject): Buffer =>
  key.asymmetricKeyType === 'rsa'
    ? derSequence(derOid(OID_RSA_SHA256), derNull())
    : derSequence(derOid(OID_ECDSA_SHA256));

function pem(label: string, der: Buffer): string {
  const text = der.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += PEM_LINE_LENGTH) lines.push(text.slice(at, at + PEM_LINE_LENGTH));
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
