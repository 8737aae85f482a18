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

/** Built before all long tests: vitest.workspace.ts. */
export const BUILT_AGENT = path.join(import.meta.dirname, '../../../packages/agent/dist/backup-agent.mjs');

export function openWorkstation(home: string, environment: Readonly<Record<string, string>>): Workstation {
  const env = { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8', NO_COLOR: '1', ...environment };
  return {
    agent: async (...words) => (await promisify(execFile)(process.execPath, [BUILT_AGENT, ...words], { env })).stdout,
    writeFile(place, text) {
      const file = path.join(home, place);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    },
  };
}
