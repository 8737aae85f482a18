/** The second half of an enrolment: from a certificate to a profile that AWS's SDKs get credentials by. */
import type { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { BackupError } from '@backup-agent/core';
import { parseAnywhereNames } from './anywhere-names.ts';
import { readAwsConfig, writeAwsConfig } from './aws-config-file.ts';
import { findProfiles, withProfile } from './aws-config-text.ts';
import type { ProfileSection } from './aws-config-text.ts';
import { daysLeft, keyOf, readCertificate } from './check-certificate.ts';
import { credentialProcess, pathAfter, tryCredentialProcess } from './credential-process.ts';
import type { Trial } from './credential-process.ts';
import { keepUnderNumber, listKeys, readPrivateKey } from './identity-files.ts';
import type { IdentityPlace } from './identity-files.ts';
import { findSigningHelper } from './signing-helper.ts';

export interface CertificateUse {
  readonly certificateFile: string;
  /** Intermediate authorities, if the certificate's own file does not hold them. */
  readonly chainFile: string | undefined;
  /** Undefined: the one among the device's keys that it was made for. */
  readonly keyFile: string | undefined;
  readonly trustAnchorArn: string | undefined;
  readonly profileArn: string | undefined;
  readonly roleArn: string | undefined;
  /** Undefined: the trust anchor's. */
  readonly region: string | undefined;
  /** Undefined: the one on the search path. */
  readonly signingHelper: string | undefined;
  readonly withProxy: boolean;
  /** The name of the profile in the AWS configuration. */
  readonly profile: string;
  /** Replace a profile that somebody else wrote, or that works, by one that does not. */
  readonly force: boolean;
}

export interface EnrolDeps {
  readonly place: IdentityPlace;
  readonly platform: NodeJS.Platform;
  readonly searchPath: string;
  readonly awsConfigFile: string;
  readonly now: Date;
  readonly random: (bytes: number) => Uint8Array;
  readonly signal: AbortSignal;
}

export interface UsedCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly expires: Date;
  readonly daysLeft: number;
  readonly fingerprint: string;
  readonly signingHelper: string;
  /** `kept`: the new one does not work, so the profile is as it was. */
  readonly outcome: 'created' | 'replaced' | 'unchanged' | 'kept';
  readonly trial: Trial;
}

/**
 * Checks everything, keeps the certificate beside its key, tries it, and lets the profile use it. A profile that is
 * there and works is not given up for one that does not. Throws CONFIG_INVALID, ACCESS_DENIED.
 */
export async function useCertificate(use: CertificateUse, deps: EnrolDeps): Promise<UsedCertificate> {
  const { region, ...names } = parseAnywhereNames(use);
  const { certificate, chain } = readCertificate(use, { device: deps.place.device, now: deps.now });
  const keyFile = findKey(certificate, use, deps.place);
  const helper = findSigningHelper(use.signingHelper, deps);
  const text = readAwsConfig(deps.awsConfigFile);
  const former = replaceable(text, use, deps);

  const certificateFile = keepUnderNumber(deps.place, 'crt', certificate.toString());
  const chainFile = chain.length === 0 ? undefined : keepUnderNumber(deps.place, 'chain.crt', chain.join(''));
  const { withProxy } = use;
  const command = credentialProcess(
    { ...names, helper, certificateFile, chainFile, keyFile, withProxy },
    deps.platform,
  );
  const values = new Map([
    ['credential_process', command],
    ['region', use.region ?? region],
  ]);
  const trial = await tryCredentialProcess(command, deps);
  return {
    certificateFile,
    keyFile,
    expires: certificate.validToDate,
    daysLeft: daysLeft(certificate, deps.now),
    fingerprint: certificate.fingerprint256,
    signingHelper: helper,
    outcome: putInPlace(values, { text, former, trial, use }, deps),
    trial,
  };
}

function findKey(
  certificate: X509Certificate,
  { keyFile, certificateFile }: CertificateUse,
  place: IdentityPlace,
): string {
  const keys = keyFile === undefined ? listKeys(place) : [{ file: keyFile, key: readPrivateKey(keyFile) }];
  const found = keyOf(certificate, keys);
  if (found !== undefined) return found.file;
  const belongsTo =
    keyFile === undefined ? `none of the keys of ${place.device} in ${place.folder}` : `another key than ${keyFile}`;
  throw new BackupError('CONFIG_INVALID', `${certificateFile} belongs to ${belongsTo}`, {
    hint:
      keys.length === 0
        ? '"enroll" without --certificate makes a key and a request; --private-key names a key that lies elsewhere'
        : 'it was made from another request; send the newest .csr to the authority, or name its key with --private-key',
  });
}

interface InPlace {
  readonly text: string;
  readonly former: ProfileSection | undefined;
  readonly trial: Trial;
  readonly use: CertificateUse;
}

function putInPlace(
  values: ReadonlyMap<string, string>,
  { text, former, trial, use }: InPlace,
  { awsConfigFile, random }: EnrolDeps,
): UsedCertificate['outcome'] {
  if (former !== undefined && isSame(former.values, values)) return 'unchanged';
  if (former !== undefined && !trial.works && !use.force) return 'kept';
  writeAwsConfig(awsConfigFile, withProfile(text, { name: use.profile, values, former }), { random });
  return former === undefined ? 'created' : 'replaced';
}

/** Undefined: there is none yet. What a person or another tool wrote is not replaced unasked. */
function replaceable(text: string, { profile, force }: CertificateUse, deps: EnrolDeps): ProfileSection | undefined {
  const [former, another] = findProfiles(text, profile);
  const hint = 'name another profile with --aws-profile, or replace it with --force';
  if (another !== undefined)
    throw new BackupError('CONFIG_INVALID', `${deps.awsConfigFile} has more than one profile "${profile}"`, {
      hint: 'remove all but one, or name another profile with --aws-profile',
    });
  if (former !== undefined && !force && !isOurs(former, deps.place))
    throw new BackupError(
      'CONFIG_INVALID',
      `${deps.awsConfigFile} has a profile "${profile}" already, which is another's`,
      {
        hint,
      },
    );
  return former;
}

/** Whether it was made here for this device: nothing else in it, and the certificate is one of its own. */
function isOurs({ values }: ProfileSection, { folder, device }: IdentityPlace): boolean {
  const certificate = pathAfter(values.get('credential_process') ?? '', 'certificate');
  return (
    [...values.keys()].every((key) => key === 'credential_process' || key === 'region') &&
    certificate !== undefined &&
    path.dirname(certificate) === folder &&
    path.basename(certificate).split('.')[0] === device
  );
}

const isSame = (former: ReadonlyMap<string, string>, values: ReadonlyMap<string, string>): boolean =>
  former.size === values.size && [...values].every(([key, value]) => former.get(key) === value);
