/** `maintain`: retention and collection of a local repository; the whole fleet's on S3, by an administrator. */
import { BackupError, writePolicy } from '@backup-agent/core';
import { administering } from '../administering.ts';
import { defineCommand } from '../define-command.ts';
import type { ArgumentValues } from '../define-command.ts';
import type { CommandContext } from '../context.ts';
import { maintainBucket } from '../maintain/maintain-bucket.ts';
import { maintainFolder } from '../maintain/maintain-folder.ts';
import { undo } from '../maintain/undo.ts';
import { POLICY_ARGS, formatPolicy, policyOf } from '../policy-arguments.ts';

const ARGS = {
  dryRun: { type: 'flag', describe: 'change nothing; show what would go, and why the rest stays' },
  setPolicy: { type: 'flag', describe: 'only store a new retention policy, made of the options below' },
  ...POLICY_ARGS,
  undo: { type: 'text', value: 'night', describe: 'S3: bring back what this night removed, and hold the device' },
} as const;

export default defineCommand({
  args: ARGS,
  notes:
    'A local repository is also maintained after each "run". On S3 the nightly job does this; here an administrator does it by hand, for all devices, or for the one that --device names.',
  examples: [
    'backup-agent maintain --dry-run --repo /media/disk/backup',
    'backup-agent maintain --set-policy --keep-within-days 60 --keep-monthly 12 --repo s3://bucket/office',
    'backup-agent maintain --undo 20260105T020000Z-0a1b2c3d --device laptop-7 --repo s3://bucket/office',
  ],
  async run(args, context) {
    refuseCombinations(args, context);
    if (args.setPolicy) return setPolicy(args, context);
    if (args.undo !== undefined) return undo(args.undo, context);
    const options = { dryRun: args.dryRun };
    return context.repositoryPlace().type === 'local'
      ? maintainFolder(context, options)
      : maintainBucket(context, options);
  },
});

type MaintainArguments = ArgumentValues<typeof ARGS>;

function refuseCombinations(args: MaintainArguments, { settings, repositoryPlace }: CommandContext): void {
  const given = [args.dryRun ? '--dry-run' : '', args.setPolicy ? '--set-policy' : '', args.undo ? '--undo' : ''];
  const [first, second] = given.filter((name) => name !== '');
  if (second !== undefined)
    throw new BackupError('CONFIG_INVALID', `${first} and ${second} do not go together`, { hint: 'use one of them' });
  // In a bucket --device elsewhere means "of this one only"; a policy cannot be meant so.
  if (args.setPolicy && settings.device.origin.from === 'flag' && repositoryPlace().type === 's3')
    throw new BackupError('CONFIG_INVALID', '--set-policy and --device do not go together', {
      hint: 'a policy is for all devices of the repository; "hold set" or "pin" keep more of one',
    });
  const isPolicyGiven = Object.keys(POLICY_ARGS).some((name) => {
    const value = args[name as keyof typeof POLICY_ARGS];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
  if (isPolicyGiven && !args.setPolicy)
    throw new BackupError('CONFIG_INVALID', 'a retention policy is given without --set-policy', {
      hint: 'maintenance obeys the stored policy; "maintain --set-policy" stores another one',
    });
}

async function setPolicy(args: MaintainArguments, context: CommandContext): Promise<number> {
  const { out } = context;
  const policy = policyOf(args);
  const { key, location } = await administering(context, async ({ repository, by, deps }) => ({
    ...(await writePolicy({ policy, by }, deps)),
    location: repository.store.location,
  }));
  out.json({ repository: location, policy, key });
  out.line(`Retention from now on: ${formatPolicy(policy)}.`);
  return 0;
}
