/** How far the enrolment of a device has come, as the AWS configuration and the files that it names tell. */
import { X509Certificate } from 'node:crypto';
import { readAwsConfig } from './aws-config-file.ts';
import { findProfiles } from './aws-config-text.ts';
import { daysLeft } from './check-certificate.ts';
import { pathAfter } from './credential-process.ts';
import { readIfThere } from './identity-files.ts';

export interface Enrolment {
  readonly profile: string;
  readonly certificateFile: string;
  readonly expires: Date;
  /** Negative after it has expired. */
  readonly daysLeft: number;
}

/** What the profile uses; undefined if there is none that was made here, or its certificate is gone. */
export function findEnrolment(
  profile: string,
  { awsConfigFile, now }: { readonly awsConfigFile: string; readonly now: Date },
): Enrolment | undefined {
  const [section] = findProfiles(readAwsConfig(awsConfigFile), profile);
  const certificateFile = pathAfter(section?.values.get('credential_process') ?? '', 'certificate');
  const text = certificateFile === undefined ? undefined : readIfThere(certificateFile);
  if (certificateFile === undefined || text === undefined) return undefined;
  const certificate = new X509Certificate(text);
  return { profile, certificateFile, expires: certificate.validToDate, daysLeft: daysLeft(certificate, now) };
}

/** Whether SDKs would find keys under this name in the credentials file, which win over a `credential_process`. */
export const hasKeysOf = (profile: string, awsCredentialsFile: string): boolean =>
  (readIfThere(awsCredentialsFile) ?? '').split('\n').some((line) => /^\s*\[\s*(.*?)\s*\]/.exec(line)?.[1] === profile);
