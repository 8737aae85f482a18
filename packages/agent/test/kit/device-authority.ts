/** An authority for devices, run by the very commands of docs/enrolment.md. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from './tree.ts';

const PAGE = path.join(import.meta.dirname, '../../../../docs/enrolment.md');

/** Undefined: OpenSSL 3 is there. */
export const opensslMissing = ((): string | undefined => {
  try {
    const version = execFileSync('openssl', ['version'], { encoding: 'utf8' });
    return version.startsWith('OpenSSL 3') ? undefined : `OpenSSL 3 is needed, and this is ${version.trim()}`;
  } catch {
    return 'no openssl';
  }
})();

/** What the page tells to type, heading by heading: the blocks that begin with "```sh run". */
export function commandsUnder(heading: string): string[] {
  const [, section = ''] = fs.readFileSync(PAGE, 'utf8').split(`\n### ${heading}\n`);
  const [own = ''] = section.split(/\n##+ /);
  return [...own.matchAll(/^```sh run\n(.*?)^```$/gms)].map(([, commands = '']) => commands);
}

export interface DeviceAuthority {
  readonly folder: string;
  readonly certificateFile: string;
  /** Signs a request as this device, whatever the request says. The certificate's file. */
  sign(requestFile: string, device: string): string;
  /** Any other command, in the authority's folder. Its output. */
  type(commands: string): string;
}

/** The commands of "Your own authority", in a new folder. */
export function makeDeviceAuthority(): DeviceAuthority {
  const folder = temporaryFolder();
  const type = (commands: string): string =>
    execFileSync('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, CA_PASSPHRASE: 'correct horse' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  for (const commands of commandsUnder('Your own authority')) type(commands);
  return {
    folder,
    certificateFile: path.join(folder, 'authority.crt'),
    type,
    sign(requestFile, device) {
      fs.copyFileSync(requestFile, path.join(folder, `${device}.csr`));
      for (const commands of commandsUnder('A device')) type(commands.replace('DEVICE=desk-1', `DEVICE=${device}`));
      return path.join(folder, `${device}.crt`);
    },
  };
}

export interface Wanted {
  readonly requestFile: string;
  readonly subject?: string;
  /** In days from today; negative is in the past. */
  readonly from?: number;
  readonly to?: number;
  readonly extensions?: 'device' | 'authority';
}

/** A certificate as a careless or a hostile authority makes it. Its file. */
export function signOddly(
  authority: DeviceAuthority,
  { requestFile, subject = '/CN=desk-1', from = 0, to = 365, extensions = 'device' }: Wanted,
): string {
  const time = (days: number): string =>
    new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');
  const name = `odd-${fs.readdirSync(authority.folder).length}.crt`;
  authority.type(
    `cat authority.cnf > odd.cnf; printf '[odd]\\ncommonName = optional\\norganizationName = optional\\n' >> odd.cnf
     openssl ca -batch -notext -config odd.cnf -passin env:CA_PASSPHRASE -extensions ${extensions} -policy odd \
       -startdate ${time(from)} -enddate ${time(to)} -subj '${subject}' -in '${requestFile}' -out ${name}`,
  );
  return path.join(authority.folder, name);
}
