/** Whether a certificate is this device's: all that Roles Anywhere would refuse later, with less clear words. */
import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { BackupError, isDeviceId } from '@backup-agent/core';
import type { DeviceId } from '@backup-agent/core';
import { readGiven } from './identity-files.ts';

export interface CheckedCertificate {
  readonly certificate: X509Certificate;
  /** What leads to the trust anchor, from the certificate upwards; may be empty. */
  readonly chain: readonly X509Certificate[];
}

export interface CertificateFiles {
  readonly certificateFile: string;
  readonly chainFile: string | undefined;
}

/**
 * Reads the certificate and what leads to the trust anchor, from one file or two, and checks all but whose key it is.
 * Throws CONFIG_INVALID, naming the file.
 */
export function readCertificate(
  { certificateFile, chainFile }: CertificateFiles,
  { device, now }: { readonly device: DeviceId; readonly now: Date },
): CheckedCertificate {
  const [certificate, ...others] = certificatesIn(certificateFile);
  const chain = [...others, ...(chainFile === undefined ? [] : certificatesIn(chainFile))];
  checkName(certificate, device, certificateFile);
  checkTime(certificate, now, certificateFile);
  checkChain([certificate, ...chain], now, chainFile ?? certificateFile);
  return { certificate, chain };
}

/** The key among these that the certificate was made for. */
export const keyOf = <Key extends { readonly key: KeyObject }>(
  certificate: X509Certificate,
  keys: readonly Key[],
): Key | undefined => keys.find(({ key }) => certificate.checkPrivateKey(key));

const DAY_MS = 24 * 60 * 60 * 1000;
/** Whole days until it expires. */
export const daysLeft = (certificate: X509Certificate, now: Date): number =>
  Math.floor((+certificate.validToDate - +now) / DAY_MS);

function certificatesIn(file: string): [X509Certificate, ...X509Certificate[]] {
  const blocks =
    readGiven(file, 'a certificate').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    const [first, ...others] = blocks.map((block) => new X509Certificate(block));
    if (first !== undefined) return [first, ...others];
  } catch (cause) {
    throw refused(file, 'holds a certificate that cannot be read', 'ask the authority for it in PEM again', cause);
  }
  throw refused(
    file,
    'holds no certificate in PEM',
    'it begins with "-----BEGIN CERTIFICATE-----"; a request (.csr) is no certificate',
  );
}

function checkName(certificate: X509Certificate, device: DeviceId, file: string): void {
  // Whatever its type says, there is none if the subject is empty.
  const subject = certificate.subject as string | undefined;
  const names = subject?.split('\n').filter((line) => line.startsWith('CN=')) ?? [];
  const name = names[0]?.slice('CN='.length) ?? '';
  if (certificate.ca)
    throw refused(file, "is an authority's certificate, not a device's", `name the one that was made for ${device}`);
  if (names.length !== 1)
    throw refused(
      file,
      `has ${names.length === 0 ? 'no' : 'more than one'} common name`,
      `the authority must put "${device}" there, once`,
    );
  if (!isDeviceId(name))
    throw refused(
      file,
      `has the common name "${name}", which is no device id`,
      `the authority must put "${device}" there`,
    );
  if (name !== device)
    throw refused(
      file,
      `is for device ${name}, and this is ${device}`,
      `take the certificate of ${device}, or say --device ${name}`,
    );
}

/** AWS goes by its own clock: one here that is some minutes behind the authority's does no harm. */
const CLOCK_BEHIND_MS_MAX = 15 * 60 * 1000;

function checkTime(certificate: X509Certificate, now: Date, file: string): void {
  if (certificate.validToDate <= now)
    throw refused(
      file,
      `expired on ${day(certificate.validToDate)}`,
      'ask the authority for a new one: "enroll --renew" makes the request',
    );
  if (+certificate.validFromDate - +now > CLOCK_BEHIND_MS_MAX)
    throw refused(
      file,
      `is not valid before ${certificate.validFromDate.toISOString()}`,
      'check the clocks of this machine and of the authority',
    );
}

function checkChain(certificates: readonly X509Certificate[], now: Date, file: string): void {
  for (const [at, issuer] of certificates.entries()) {
    const below = certificates[at - 1];
    if (below === undefined) continue;
    if (!below.checkIssued(issuer) || !below.verify(issuer.publicKey))
      throw refused(
        file,
        `does not lead upwards from the device's certificate: its certificate ${at} did not sign the one before`,
        'give the intermediate authorities in order, the one that signed the device first; the trust anchor itself may be left out',
      );
    if (issuer.validToDate <= now)
      throw refused(file, `holds an authority that expired on ${day(issuer.validToDate)}`, 'ask for its successor');
  }
}

const day = (time: Date): string => time.toISOString().slice(0, 10);

const refused = (file: string, why: string, hint: string, cause?: unknown): BackupError =>
  new BackupError('CONFIG_INVALID', `${file} ${why}`, { hint, ...(cause === undefined ? {} : { cause }) });
