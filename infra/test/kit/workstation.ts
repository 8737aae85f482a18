/** Somebody's machine with the built command on it: a home, and an environment that names the server. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

export interface Workstation {
  /** What it prints. Rejects with what it says, unless it ends with 0. */
  agent(...words: string[]): Promise<string>;
  /** By its path in the home. */
  writeFile(place: string, text: string): void;
}

const PACKAGE = path.join(import.meta.dirname, '../../../packages/agent');

/** Before any workstation runs it. */
export const buildAgent = async (): Promise<void> =>
  void (await promisify(execFile)(process.execPath, [path.join(PACKAGE, 'scripts/build.ts')]));

export function openWorkstation(home: string, environment: Readonly<Record<string, string>>): Workstation {
  const env = { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8', NO_COLOR: '1', ...environment };
  return {
    agent: async (...words) => {
      const program = path.join(PACKAGE, 'dist/backup-agent.mjs');
      return (await promisify(execFile)(process.execPath, [program, ...words], { env })).stdout;
    },
    writeFile(place, text) {
      const file = path.join(home, place);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    },
  };
}
