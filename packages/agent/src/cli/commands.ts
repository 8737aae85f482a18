/** All commands, in the order of --help. Nothing of a command is loaded before it is asked for. */
import type { CommandDefinition } from './define-command.ts';

export interface CommandRow {
  /** One or two words. */
  readonly name: string;
  /** One line, lower case, without a full stop. */
  readonly describe: string;
  readonly load: () => Promise<{ readonly default: unknown }>;
}

export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'init',
    describe: 'create a repository, and write the configuration file',
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'run',
    describe: 'back up folders',
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'snapshots',
    describe: 'list snapshots',
    load: () => import('./commands/snapshots.ts'),
  },
  {
    name: 'ls',
    describe: 'list what lies in a snapshot',
    load: () => import('./commands/ls.ts'),
  },
  {
    name: 'find',
    describe: 'find a name in all snapshots',
    load: () => import('./commands/find.ts'),
  },
  {
    name: 'diff',
    describe: 'show what changed between two snapshots',
    load: () => import('./commands/diff.ts'),
  },
  {
    name: 'cat',
    describe: 'write a file of a snapshot to stdout',
    load: () => import('./commands/cat.ts'),
  },
  {
    name: 'restore',
    describe: 'bring files back',
    load: () => import('./commands/restore.ts'),
  },
  {
    name: 'verify',
    describe: 'check the repository, with --read-data to the last byte',
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'repair index',
    describe: 'write the index anew from the packs',
    load: () => import('./commands/repair-index.ts'),
  },
  {
    name: 'repair snapshots',
    describe: 'make new snapshots without what is lost',
    load: () => import('./commands/repair-snapshots.ts'),
  },
  {
    name: 'maintain',
    describe: 'let old snapshots go and free what nothing needs any more',
    load: () => import('./commands/maintain.ts'),
  },
  {
    name: 'stats',
    describe: 'show sizes, ratios and growth',
    load: () => import('./commands/stats.ts'),
  },
  {
    name: 'status',
    describe: 'show how the last runs ended and how old the newest snapshot is',
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'cost',
    describe: 'show what a fleet will cost a month',
    load: () => import('./commands/cost.ts'),
  },
  {
    name: 'pin',
    describe: 'keep a snapshot, whatever the policy says',
    load: () => import('./commands/pin.ts'),
  },
  {
    name: 'unpin',
    describe: 'let the policy decide about a snapshot again',
    load: () => import('./commands/unpin.ts'),
  },
  {
    name: 'hold set',
    describe: 'let maintenance remove nothing of a device',
    load: () => import('./commands/hold-set.ts'),
  },
  {
    name: 'hold clear',
    describe: 'let maintenance remove what expires of a device again',
    load: () => import('./commands/hold-clear.ts'),
  },
  {
    name: 'hold list',
    describe: 'show which devices are held, and why',
    load: () => import('./commands/hold-list.ts'),
  },
  {
    name: 'device list',
    describe: 'show the devices of the repository and their newest snapshots',
    load: () => import('./commands/device-list.ts'),
  },
  {
    name: 'device enroll',
    describe: 'expect backups of a device',
    load: () => import('./commands/device-enroll.ts'),
  },
  {
    name: 'device retire',
    describe: 'expect no more backups of a device',
    load: () => import('./commands/device-retire.ts'),
  },
  {
    name: 'enroll',
    describe: 'get credentials for this device by a certificate',
    load: () => import('./commands/enroll.ts'),
  },
  {
    name: 'adopt',
    describe: 'take over a device that another machine backed up as',
    load: () => import('./commands/adopt.ts'),
  },
  {
    name: 'config show',
    describe: 'show the effective configuration and where each value comes from',
    load: () => import('./commands/config-show.ts'),
  },
  {
    name: 'completion',
    describe: 'print a script that completes command lines in bash or zsh',
    load: () => import('./commands/completion.ts'),
  },
];

export async function loadCommand(row: CommandRow): Promise<CommandDefinition> {
  // Each definition knows its own argument types; whoever looks one up by name does not.
  return (await row.load()).default as CommandDefinition;
}
