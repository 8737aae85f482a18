/** The command that a profile's `credential_process` holds: how it is written, and one try of it. */
import { exec } from 'node:child_process';
import * as z from 'zod';
import { BackupError } from '@backup-agent/core';
import type { AnywhereNames } from './anywhere-names.ts';

export interface CredentialCommand extends AnywhereNames {
  readonly helper: string;
  readonly certificateFile: string;
  readonly chainFile: string | undefined;
  readonly keyFile: string;
  /** Whether it asks through the proxy that the environment names. */
  readonly withProxy: boolean;
}

/** In one line. SDKs give it to the system's shell, so paths stand in double quotes. Throws CONFIG_INVALID. */
export function credentialProcess(what: CredentialCommand, platform: NodeJS.Platform): string {
  const quoted = (file: string): string => quote(file, platform);
  return [
    quoted(what.helper),
    'credential-process',
    `--certificate ${quoted(what.certificateFile)}`,
    `--private-key ${quoted(what.keyFile)}`,
    ...(what.chainFile === undefined ? [] : [`--intermediates ${quoted(what.chainFile)}`]),
    `--trust-anchor-arn ${what.trustAnchorArn}`,
    `--profile-arn ${what.profileArn}`,
    `--role-arn ${what.roleArn}`,
    ...(what.withProxy ? ['--with-proxy'] : []),
  ].join(' ');
}

/** What a shell reads even within double quotes, and what ends a value in the AWS configuration file. */
const UNQUOTABLE = { posix: /["$`\\\r\n]|\s[#;]/, windows: /["%\r\n]|\s[#;]/ };

function quote(file: string, platform: NodeJS.Platform): string {
  const [found] = (platform === 'win32' ? UNQUOTABLE.windows : UNQUOTABLE.posix).exec(file) ?? [];
  if (found === undefined) return `"${file}"`;
  throw new BackupError(
    'CONFIG_INVALID',
    `${file} cannot stand in a profile, for there is ${JSON.stringify(found)} in its name`,
    {
      hint: 'a shell or the AWS configuration would read that as its own; take a folder without it (XDG_CONFIG_HOME moves the identity)',
    },
  );
}

/** The paths that a command made here names: what stands in quotes after an option. */
export const pathAfter = (command: string, option: 'certificate' | 'private-key'): string | undefined =>
  new RegExp(`--${option} "([^"]+)"`).exec(command)?.[1];

export type Trial =
  | { readonly works: true; readonly expires: Date }
  /** `problem`: what it said, without anything secret. */
  | { readonly works: false; readonly problem: string };

/** It asks a service that answers within seconds; a proxy that drops packets would hold it for ever. */
const TRIAL_MS_MAX = 60_000;
const ANSWER_BYTES_MAX = 64 * 1024;

const answerSchema = z.object({
  Version: z.literal(1),
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  SessionToken: z.string().min(1),
  Expiration: z.iso.datetime({ offset: true }),
});

/** Runs the command once, as an SDK would, and looks at its answer. The credentials are forgotten at once. */
export function tryCredentialProcess(
  command: string,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<Trial> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TRIAL_MS_MAX, maxBuffer: ANSWER_BYTES_MAX, windowsHide: true, signal };
    const child = exec(command, options, (error, stdout, stderr) => {
      if (signal.aborted) reject(signal.reason as Error);
      else if (error === null) resolve(judge(stdout, now));
      else resolve({ works: false, problem: complaint(error, stderr) });
    });
    child.stdin?.on('error', () => {}); // It reads nothing, and may have ended before this is closed.
    child.stdin?.end();
  });
}

function judge(answer: string, now: Date): Trial {
  const parsed = answerSchema.safeParse(jsonOf(answer));
  if (!parsed.success) {
    const [at] = parsed.error.issues[0]?.path ?? [];
    const what =
      at === undefined ? 'something that is no JSON object' : `credentials whose ${String(at)} is missing or wrong`;
    return { works: false, problem: `it printed ${what}` };
  }
  const expires = new Date(parsed.data.Expiration);
  if (expires > now) return { works: true, expires };
  return {
    works: false,
    problem: `its credentials expired at ${expires.toISOString()}; check the clock of this machine`,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The parser's message would repeat what may be a secret.
  }
}

const COMPLAINT_LENGTH_MAX = 300;

function complaint(error: { readonly code?: number | string; readonly killed?: boolean }, stderr: string): string {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'it printed far more than credentials';
  if (error.killed === true) return `it did not end within ${TRIAL_MS_MAX / 1000} seconds`;
  const line = stderr.split('\n').find((text) => text.trim() !== '');
  const said = line === undefined ? 'nothing' : `"${withoutSecrets(line.trim()).slice(0, COMPLAINT_LENGTH_MAX)}"`;
  return `it ended with code ${String(error.code ?? 'unknown')} and said ${said}`;
}

/** Secret keys have 40 characters of base64, tokens more, key ids 20: nothing that looks so is repeated. */
const withoutSecrets = (text: string): string =>
  text
    .replace(/[A-Za-z0-9+/=_]{32,}/g, (word) => (/\d/.test(word) && /[A-Z]/.test(word) ? '[redacted]' : word))
    .replace(/\bA[A-Z]{3}[A-Z0-9]{12,}\b/g, '[redacted]');
