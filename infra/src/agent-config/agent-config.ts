/** A device's configuration from what the stacks told when they were deployed. */

import { PACK_TIERINGS } from '@backup-agent/core';

/** By stack, as `cdk deploy --outputs-file` writes them. */
export type OutputsFile = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface AgentConfig {
  readonly repo: string;
  readonly region: string;
  readonly kmsKey: string;
  readonly packTiering: string;
  /** Absent: what AWS's SDK finds. */
  readonly awsProfile?: string;
  readonly device?: string;
  readonly sources: readonly string[];
}

export interface DeviceChoice {
  /** Absent: the agent makes one from the host name. */
  readonly device?: string;
  /** Of the AWS configuration on the device. Absent: the one that `enroll` writes, where devices have certificates. */
  readonly awsProfile?: string;
  readonly sources: readonly string[];
}

/** As `backup-agent enroll` calls it unless it is told otherwise. */
const ENROLLED_PROFILE = 'backup-agent';
const PROFILE_NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;
const DEVICE_ID = /^[a-z0-9][a-z0-9-]{1,62}$/;

/** Throws a TypeError that lists all problems. */
export function agentConfigOf(outputs: Readonly<Record<string, string>>, choice: DeviceChoice): AgentConfig {
  const problems: string[] = [];
  const told = (name: string, pattern: RegExp): string => {
    const value = outputs[name];
    if (value === undefined) problems.push(`${name} is not among the outputs: deploy the storage stack first`);
    else if (!pattern.test(value)) problems.push(`${name}: "${value}" does not look right`);
    return value ?? '';
  };
  const { device, sources } = choice;
  if (device !== undefined && !DEVICE_ID.test(device))
    problems.push(`device: use 2 to 63 lower-case letters, digits and hyphens, not "${device}"`);
  const awsProfile = choice.awsProfile ?? ('TrustAnchorArn' in outputs ? ENROLLED_PROFILE : undefined);
  if (awsProfile !== undefined && !PROFILE_NAME.test(awsProfile))
    problems.push(`aws-profile: use letters, digits, dots, hyphens and underscores, not "${awsProfile}"`);
  const config = {
    repo: told('RepositoryUrl', /^s3:\/\/[a-z0-9.-]+$/),
    region: told('Region', /^[a-z]{2}(-[a-z]+)+-\d$/),
    kmsKey: told('KmsKeyArn', /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/),
    packTiering: told('PackTiering', new RegExp(`^(${PACK_TIERINGS.join('|')})$`)),
    ...(awsProfile === undefined ? {} : { awsProfile }),
    ...(device === undefined ? {} : { device }),
    sources,
  };
  if (problems.length > 0)
    throw new TypeError(`no configuration can be made:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
  return config;
}

/** The outputs of the stack that has a repository. Throws a TypeError if that is not exactly one. */
export function storageOutputs(file: OutputsFile): Readonly<Record<string, string>> {
  const found = Object.entries(file).filter(([, outputs]) => 'RepositoryUrl' in outputs);
  const [first] = found;
  if (first === undefined)
    throw new TypeError('no stack in the outputs has a repository: deploy the storage stack first');
  if (found.length > 1)
    throw new TypeError(
      `several stacks have a repository (${found.map(([name]) => name).join(', ')}): name one with --stack`,
    );
  return first[1];
}
