/** The CDK app. What is chosen stands in infra/config.ts, or in the file that `-c config=<file>` names. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { bundleHandlers } from './bundle-handlers.ts';
import type { BackupConfig } from './config/backup-config.ts';
import { loadConfig } from './config/load-config.ts';
import { createStacks } from './create-stacks.ts';
import type { Template } from './report/stack-parts.ts';
import { stackReport } from './report/stack-report.ts';

const FOLDER = path.dirname(import.meta.dirname);

const app = new App();
const config = await chosenConfig();
const handlers = path.join(FOLDER, 'dist/handlers');
await bundleHandlers(handlers);
createStacks(app, config, Code.fromAsset(handlers));
const { stacks } = app.synth();
say(stackReport(stacks.map(({ stackName, template }) => ({ stack: stackName, template: template as Template }))));

/** Wrong choices end the program with their list instead of a stack trace. */
async function chosenConfig(): Promise<BackupConfig> {
  const named = app.node.tryGetContext('config') as string | undefined;
  try {
    return await loadConfig(named === undefined ? defaultFile() : path.resolve(named));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    say(error.message);
    process.exit(2);
  }
}

function defaultFile(): string {
  const file = path.join(FOLDER, 'config.ts');
  if (existsSync(file)) return file;
  say('there is no infra/config.ts: the example is taken, which nobody can deploy');
  return path.join(FOLDER, 'config.example.ts');
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
