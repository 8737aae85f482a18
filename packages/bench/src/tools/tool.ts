import type { BucketLocation } from '../s3/bucket.ts';
import type { Command } from '../measure/measure-command.ts';

export const TOOL_NAMES = ['agent', 'restic'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

export type Repository =
  | { readonly kind: 'local'; readonly folder: string }
  | ({ readonly kind: 's3'; /** Without slashes at its ends. */ readonly prefix: string } & BucketLocation);

/** What a tool works on in one round. */
export interface Place {
  readonly repository: Repository;
  /** For the tool's own state and caches; exists, and is empty before the first backup. */
  readonly stateFolder: string;
}

/** A tool as the bench sees it: the command lines for the same work. */
export interface Tool {
  readonly name: ToolName;
  readonly version: string;
  /** Makes an empty repository; not measured. Undefined where the first backup does that by itself. */
  init(place: Place): Command | undefined;
  backup(place: Place, folder: string): Command;
  /** Restores the latest snapshot into an empty folder. */
  restore(place: Place, target: string): Command;
  /** Where in the target the copy of `folder` lies. */
  restoredRoot(target: string, folder: string): string;
}

/** The environment for a tool: the machine's, without what would point it at another repository or identity. */
export function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(AWS_|RESTIC_|BACKUP_AGENT_|XDG_(STATE|CACHE|CONFIG)_HOME$|NODE_OPTIONS$)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}

/** Credentials as both tools take them; nothing for a local repository. */
export function credentialsOf(repository: Repository): NodeJS.ProcessEnv {
  if (repository.kind === 'local') return {};
  return {
    AWS_ACCESS_KEY_ID: repository.accessKey,
    AWS_SECRET_ACCESS_KEY: repository.secretKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
