/** Stands in for aws_signing_helper: a small script that writes down its arguments and answers as it is told. */
import * as fs from 'node:fs';
import path from 'node:path';

export const FAKE_CREDENTIALS = {
  Version: 1,
  AccessKeyId: 'ASIACANARY0123456789',
  SecretAccessKey: 'canarySecret/0123456789abcdefghijklmnopQ',
  SessionToken: `canaryToken${'0123456789abcdefABCDEF'.repeat(8)}`,
  Expiration: '2126-01-01T00:00:00Z',
} as const;

export interface FakeAnswer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
}

export interface FakeHelper {
  readonly file: string;
  /** From now on. */
  answer(answer: FakeAnswer): void;
  /** The arguments of its last call; undefined if there was none. */
  arguments(): readonly string[] | undefined;
}

/** Gives good credentials until it is told otherwise. */
export function makeFakeHelper(folder: string): FakeHelper {
  const at = (name: string): string => path.join(folder, name);
  fs.mkdirSync(folder, { recursive: true });
  const file = at('aws_signing_helper');
  const answer = ({ stdout = '', stderr = '', code = 0 }: FakeAnswer): void => {
    fs.writeFileSync(at('stdout'), stdout);
    fs.writeFileSync(at('stderr'), stderr);
    fs.writeFileSync(at('code'), String(code));
  };
  fs.writeFileSync(
    file,
    `#!/bin/sh
here=\${0%/*}
printf '%s\\0' "$@" > "$here/arguments"
cat "$here/stdout"
cat "$here/stderr" >&2
exit "$(cat "$here/code")"
`,
    { mode: 0o755 },
  );
  answer({ stdout: JSON.stringify(FAKE_CREDENTIALS) });
  return {
    file,
    answer,
    arguments: () =>
      fs.existsSync(at('arguments')) ? fs.readFileSync(at('arguments'), 'utf8').split('\0').slice(0, -1) : undefined,
  };
}
