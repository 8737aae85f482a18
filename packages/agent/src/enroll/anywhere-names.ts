import { BackupError } from '@backup-agent/core';

/** What the deployment's outputs call TrustAnchorArn, ProfileArn and DeviceRoleArn. */
export interface AnywhereNames {
  readonly trustAnchorArn: string;
  readonly profileArn: string;
  readonly roleArn: string;
}

const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const SHAPES = {
  trustAnchorArn: new RegExp(`^arn:aws[a-z-]*:rolesanywhere:([a-z0-9-]+):(\\d{12}):trust-anchor/${ID}$`),
  profileArn: new RegExp(`^arn:aws[a-z-]*:rolesanywhere:([a-z0-9-]+):(\\d{12}):profile/${ID}$`),
  roleArn: /^arn:aws[a-z-]*:iam::(\d{12}):role\/[\w+=,.@/-]{1,576}$/,
} as const;
const OPTIONS = { trustAnchorArn: '--trust-anchor-arn', profileArn: '--profile-arn', roleArn: '--role-arn' } as const;

/**
 * The three ARNs, each of its kind and all of one account and region; and that region. What passes holds no character
 * that a shell would take for its own. Throws CONFIG_INVALID.
 */
export function parseAnywhereNames(given: {
  readonly [Name in keyof AnywhereNames]: string | undefined;
}): AnywhereNames & { readonly region: string } {
  const [trustAnchorArn, region = '', account] = parse('trustAnchorArn', given);
  const [profileArn, profileRegion, profileAccount] = parse('profileArn', given);
  const [roleArn, roleAccount] = parse('roleArn', given);
  if (profileRegion !== region)
    throw refused(`the trust anchor is in ${region} and the profile in ${profileRegion}`, 'both must be of one region');
  if (profileAccount !== account || roleAccount !== account)
    throw refused(
      'trust anchor, profile and role are not of one account',
      "take all three from one deployment's outputs",
    );
  return { trustAnchorArn, profileArn, roleArn, region };
}

function parse(
  name: keyof AnywhereNames,
  given: { readonly [Name in keyof AnywhereNames]: string | undefined },
): string[] & [string] {
  const text = given[name];
  if (text === undefined)
    throw refused(
      `a certificate needs ${OPTIONS[name]} too`,
      "the deployment's outputs have all three ARNs; see the page on enrolment",
    );
  const match = SHAPES[name].exec(text);
  if (match === null)
    throw refused(
      `${OPTIONS[name]}: "${text}" is not the ARN of ${KINDS[name]}`,
      'copy it from the outputs of the deployment',
    );
  return match as string[] & [string];
}

const KINDS = {
  trustAnchorArn: 'a trust anchor of Roles Anywhere',
  profileArn: 'a profile of Roles Anywhere',
  roleArn: 'an IAM role',
} as const;

const refused = (message: string, hint: string): BackupError => new BackupError('CONFIG_INVALID', message, { hint });
