/** A user with a home, documents and a repository of their own, who types commands. */
import * as fs from 'node:fs';
import path from 'node:path';
import { cliEnvironment, runCli } from './built-cli.ts';
import type { CliResult } from './built-cli.ts';
import { temporaryFolder, writeTree } from './tree.ts';
import type { TreeLiteral } from './tree.ts';

export interface CliBench {
  readonly top: string;
  readonly home: string;
  readonly documents: string;
  readonly repository: string;
  readonly configFile: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs a command as it stands. */
  cli(...words: string[]): Promise<CliResult>;
  /** Runs a command on this user's repository, as device `laptop`. */
  at(...words: string[]): Promise<CliResult>;
  /** The same with --json, parsed. */
  json(...words: string[]): Promise<unknown>;
  writeConfig(config: object | string): void;
}

export function openCliBench(
  options: { readonly tree?: TreeLiteral; readonly env?: Readonly<Record<string, string>> } = {},
): CliBench {
  const top = temporaryFolder();
  const home = path.join(top, 'home');
  const documents = path.join(home, 'documents');
  const repository = path.join(top, 'repository');
  const env = cliEnvironment(home, options.env);
  const configFile = path.join(home, '.config/backup-agent/config.json');
  writeTree(documents, options.tree ?? { 'letter.txt': 'Dear reader', pictures: { 'cat.jpg': 'miau' } });
  const cli = (...words: string[]): Promise<CliResult> => runCli(words, env);
  const at = (...words: string[]): Promise<CliResult> => cli(...words, '--repo', repository, '--device', 'laptop');
  return {
    top,
    home,
    documents,
    repository,
    configFile,
    env,
    cli,
    at,
    json: async (...words) => JSON.parse((await at(...words, '--json')).stdout) as unknown,
    writeConfig(config) {
      fs.mkdirSync(path.dirname(configFile), { recursive: true });
      fs.writeFileSync(configFile, typeof config === 'string' ? config : JSON.stringify(config));
    },
  };
}
