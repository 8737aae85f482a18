/**
 * The command as it is built, with the rights of whom the access key says. It is given no endpoint: it believes to be on
 * AWS.
 */
import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { environmentOf, TEST_CREDENTIALS } from '../cloud.ts';
import { BUCKET, KEY_ARN, REGION } from '../resolve-template.ts';
import type { Who } from '../simulate.ts';
import { BUILT_AGENT } from '../workstation.ts';
import { accessKeyOf } from './request.ts';

export interface StartedCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  /** Rejects, with what the command said, unless it ends with 0. */
  done(): Promise<CommandResult>;
}

export interface CommandResult {
  /** Of one that was killed: the signal. */
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command with the rights of `who`, each with a home of their own. */
export type StartCommand = (who: Who, ...words: readonly string[]) => StartedCommand;

const SHORT_WAITS = pathToFileURL(path.join(import.meta.dirname, 'short-waits.ts')).href;

export interface CommandPlace {
  /** Of the server that stands for AWS. */
  readonly url: string;
  /** For the homes. */
  readonly folder: string;
  /** In the configuration file of devices. */
  readonly deviceConfig?: object;
}

export function commandsAt({ url, folder, deviceConfig = {} }: CommandPlace): StartCommand {
  return (who, ...words) => {
    const home = path.join(folder, 'homes', accessKeyOf(who));
    const [, device] = /^(?:device|certificate) (.+)$/.exec(who) ?? [];
    fs.mkdirSync(path.join(home, '.config/backup-agent'), { recursive: true });
    const config = device === undefined ? {} : { device, ...deviceConfig };
    fs.writeFileSync(path.join(home, '.config/backup-agent/config.json'), JSON.stringify(config));
    return start(words, {
      ...credentialsOf(who, url),
      PATH: process.env['PATH'],
      HOME: home,
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      NODE_OPTIONS: `--import=${SHORT_WAITS}`,
      BACKUP_AGENT_REPO: `s3://${BUCKET}`,
      BACKUP_AGENT_KMS_KEY: KEY_ARN,
    });
  };
}

/** As Lambda and a user's shell have them. */
export const credentialsOf = (who: Who, url: string): Readonly<Record<string, string>> =>
  environmentOf({
    endpoint: url,
    region: REGION,
    credentials: { accessKeyId: accessKeyOf(who), secretAccessKey: TEST_CREDENTIALS.secretAccessKey },
  });

function start(words: readonly string[], env: NodeJS.ProcessEnv): StartedCommand {
  const { promise: ended, resolve } = Promise.withResolvers<CommandResult>();
  const child = execFile(
    process.execPath,
    [BUILT_AGENT, ...words],
    { env, maxBuffer: 1 << 26 },
    (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.signal ?? Number(error.code)), stdout, stderr }),
  );
  const done = async (): Promise<CommandResult> => {
    const result = await ended;
    if (result.code !== 0)
      throw new Error(`${words.join(' ')} ended with ${result.code}: ${result.stdout}${result.stderr}`);
    return result;
  };
  return { child, ended, done };
}
