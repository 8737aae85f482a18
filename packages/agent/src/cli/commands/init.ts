/** `init`: creates a repository and its first policy, and tells what an S3 server lacks. */
import { makeRunId } from '@backup-agent/core';
import type { RetentionPolicy } from '@backup-agent/core';
import type { S3Probe } from '@backup-agent/core/s3';
import { createRepository, hasRepository, refuseForeignFolder } from '../../repository/create-repository.ts';
import { writeConfigFile } from '../config/write-config-file.ts';
import type { CommandContext } from '../context.ts';
import { defineCommand } from '../define-command.ts';
import { openStore, s3Options } from '../open-repository.ts';
import { POLICY_ARGS, formatPolicy, policyOf } from '../policy-arguments.ts';

export default defineCommand({
  args: {
    ...POLICY_ARGS,
    writeConfig: {
      type: 'optional-text',
      value: 'file',
      describe: 'write the configuration file, if there is none yet',
    },
    source: { type: 'list', value: 'folder', describe: 'with --write-config: a folder or pattern to back up' },
    noProbe: { type: 'flag', describe: 'S3: do not try out what the server can do' },
  },
  notes:
    'On S3 the probe leaves a few small objects and one of 8 MiB under v1/system/probe/. A repository that exists already is left as it is.',
  examples: [
    'backup-agent init --repo /media/disk/backup --write-config --source ~/Documents',
    'backup-agent init --repo s3://bucket/office --region eu-central-1 --kms-key arn:aws:kms:eu-central-1:111122223333:key/1234abcd',
  ],
  async run(args, context) {
    const policy = policyOf(args);
    const place = context.repositoryPlace();
    if (place.type === 'local') refuseForeignFolder(place.path);
    const store = await openStore(context.access, { create: place.type === 'local' });
    const isThere = await hasRepository(store);
    const probe = isThere || args.noProbe ? undefined : await probeServer(context);
    const { clock, random, surroundings } = context;
    const by = `${surroundings.user}@${surroundings.host}`;
    const outcome = isThere ? 'already-there' : await createRepository(store, { policy, by, now: clock.now(), random });
    const config = args.writeConfig === undefined ? undefined : writeConfigFile(args.writeConfig, args.source, context);
    await tell(context, { location: store.location, outcome, policy, probe, config });
    return 0;
  },
});

async function probeServer(context: CommandContext): Promise<S3Probe | undefined> {
  const place = context.repositoryPlace();
  if (place.type !== 's3') return undefined;
  const { probeS3 } = await import('@backup-agent/core/s3');
  const word = () => makeRunId(context.clock.now(), context.random(4));
  return probeS3(s3Options(context.access, place), { small: word(), large: word() });
}

interface Told {
  readonly location: string;
  readonly outcome: 'created' | 'already-there';
  readonly policy: RetentionPolicy;
  readonly probe: S3Probe | undefined;
  readonly config: string | undefined;
}

async function tell({ out }: CommandContext, { location, outcome, policy, probe, config }: Told): Promise<void> {
  const weaknesses = probe === undefined ? [] : await weaknessRows(probe);
  out.json({
    repository: location,
    outcome,
    policy: outcome === 'created' ? policy : null,
    probe: probe === undefined ? null : { ...probe, weaknesses },
    configFile: config ?? null,
  });
  if (outcome === 'already-there') out.line(`There is a repository at ${location} already; it is left as it is.`);
  else {
    out.line(`Created a repository at ${location}.`);
    out.line(`Retention: ${formatPolicy(policy)}.`);
  }
  if (probe !== undefined && weaknesses.length === 0) out.line('The server can do all that a repository deserves.');
  for (const { means } of weaknesses) out.line(`The server ${means}.`);
  if (config !== undefined) out.line(`Wrote ${config}.`);
}

async function weaknessRows(probe: S3Probe): Promise<{ name: string; means: string }[]> {
  const { S3_WEAKNESSES } = await import('@backup-agent/core/s3');
  return probe.weaknesses.map((name) => ({ name, means: S3_WEAKNESSES[name] }));
}
