/** `enroll`: a key and a request for a certificate; and with the certificate, a profile that gives credentials. */
import path from 'node:path';
import { BackupError } from '@backup-agent/core';
import { findEnrolment } from '../../enroll/enrolment.ts';
import { requestCertificate } from '../../enroll/request-certificate.ts';
import { useCertificate } from '../../enroll/use-certificate.ts';
import type { EnrolDeps } from '../../enroll/use-certificate.ts';
import { expandHome } from '../config/config-file.ts';
import type { CommandContext } from '../context.ts';
import { defineCommand } from '../define-command.ts';
import type { ArgumentSpecs, ArgumentValues } from '../define-command.ts';
import { tellRequest, tellUse } from '../enrolling.ts';

const PROFILE_DEFAULT = 'backup-agent';

const ARGS = {
  certificate: { type: 'text', value: 'file', describe: 'the certificate that the authority made from the request' },
  chain: { type: 'text', value: 'file', describe: 'the authorities between it and the trust anchor, if there are any' },
  trustAnchorArn: {
    type: 'text',
    value: 'arn',
    describe: 'with --certificate: output TrustAnchorArn of the deployment',
  },
  profileArn: { type: 'text', value: 'arn', describe: 'with --certificate: output ProfileArn' },
  roleArn: { type: 'text', value: 'arn', describe: 'with --certificate: output DeviceRoleArn' },
  privateKey: { type: 'text', value: 'file', describe: 'with --certificate: its key, if it was not made here' },
  signingHelper: { type: 'text', value: 'file', describe: 'aws_signing_helper, if it is not on the search path' },
  withProxy: { type: 'flag', describe: 'let aws_signing_helper ask through the proxy of the environment' },
  awsProfile: {
    type: 'text',
    value: 'name',
    describe: `the profile in the AWS configuration (default: ${PROFILE_DEFAULT})`,
  },
  force: { type: 'flag', describe: "replace a profile that is another's, or by one that does not work" },
  renew: { type: 'flag', describe: 'make the next request; what is in use stays until its certificate is here' },
  keepKey: { type: 'flag', describe: 'with --renew: for the same key' },
  keyType: {
    type: 'text',
    value: 'type',
    choices: ['ec', 'rsa'],
    describe: 'what a new key is: P-256 (default) or RSA 2048',
  },
} as const satisfies ArgumentSpecs;
type Args = ArgumentValues<typeof ARGS>;

export default defineCommand({
  args: ARGS,
  notes:
    'Without --certificate it makes a key and a request, or tells how far the enrolment is; the request is no secret, the key never leaves this machine. With --certificate it writes a profile into the AWS configuration and tries it once. For IAM Roles Anywhere; with Identity Center or static keys nothing is to be enrolled.',
  examples: [
    'backup-agent enroll --device desk-1',
    'backup-agent enroll --device desk-1 --certificate desk-1.crt --trust-anchor-arn arn:... --profile-arn arn:... --role-arn arn:...',
    'backup-agent enroll --renew',
  ],
  async run(args, context) {
    const { profile, deps } = prepare(args, context);
    if (args.certificate !== undefined) return enrol(args, args.certificate, { profile, deps }, context);
    const { renew, keepKey } = args;
    const requested = requestCertificate(
      {
        keyType: args.keyType === 'rsa' ? 'rsa' : 'ec',
        renew: renew ? (keepKey ? 'with-same-key' : 'with-new-key') : undefined,
      },
      deps.place,
    );
    tellRequest(requested, findEnrolment(profile, deps), context);
    return 0;
  },
});

interface Prepared {
  readonly profile: string;
  readonly deps: EnrolDeps;
}

function prepare(
  args: Args,
  { settings, surroundings, folders, device, clock, random, signal }: CommandContext,
): Prepared {
  // AWS_PROFILE may be a person's own profile for other work.
  const { value, origin } = settings.awsProfile;
  const profile = args.awsProfile ?? (origin.from === 'file' ? value : undefined) ?? PROFILE_DEFAULT;
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(profile))
    throw new BackupError('CONFIG_INVALID', `--aws-profile: "${profile}" is no name for a profile`, {
      hint: 'use letters, digits, dots, hyphens and underscores',
    });
  const withCertificate = ['chain', 'trustAnchorArn', 'profileArn', 'roleArn', 'privateKey', 'signingHelper'] as const;
  const makesRequest = args.renew || args.keepKey || args.keyType !== undefined;
  if (args.certificate === undefined ? withCertificate.some((name) => args[name] !== undefined) : makesRequest)
    throw new BackupError('CONFIG_INVALID', 'a request and a certificate are two steps', {
      hint: 'first "enroll" (or "enroll --renew"), then "enroll --certificate <file>" with the three ARNs',
    });
  const { platform, searchPath, awsConfigFile } = surroundings;
  const place = { folder: path.join(folders.config, 'identity'), device: device() };
  return { profile, deps: { place, platform, searchPath, awsConfigFile, now: clock.now(), random, signal } };
}

async function enrol(
  args: Args,
  certificate: string,
  { profile, deps }: Prepared,
  context: CommandContext,
): Promise<number> {
  const { workingFolder, home } = context.surroundings;
  const absolute = <T extends string | undefined>(place: T): string | T =>
    place === undefined ? place : path.resolve(workingFolder, expandHome(place, home));
  const { trustAnchorArn, profileArn, roleArn, withProxy, force } = args;
  const used = await useCertificate(
    {
      certificateFile: absolute(certificate),
      chainFile: absolute(args.chain),
      keyFile: absolute(args.privateKey),
      signingHelper: absolute(args.signingHelper),
      region: context.settings.region.value,
      trustAnchorArn,
      profileArn,
      roleArn,
      withProxy,
      force,
      profile,
    },
    deps,
  );
  tellUse(used, { profile, awsConfigFile: deps.awsConfigFile }, context);
  return used.trial.works ? 0 : 1;
}
