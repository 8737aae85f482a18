/** The stacks as they would be deployed; without esbuild, unless the functions' code is given: a folder of two empty files. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { BackupConfig, BackupConfigInput } from '../../src/config/backup-config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { createStacks } from '../../src/create-stacks.ts';
import { GOOD } from './good-config.ts';

export interface Synthesized {
  readonly config: BackupConfig;
  readonly storage: Template;
  readonly service: Template;
}

const context = (): Record<string, unknown> => {
  const file = path.join(import.meta.dirname, '../../cdk.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { context: Record<string, unknown> }).context;
};

let codeFolder: string | undefined;

function emptyHandlers(): Code {
  if (codeFolder === undefined) {
    codeFolder = mkdtempSync(path.join(tmpdir(), 'backup-handlers-'));
    mkdirSync(codeFolder, { recursive: true });
    for (const name of ['coordinator.mjs', 'worker.mjs']) writeFileSync(path.join(codeFolder, name), '');
  }
  return Code.fromAsset(codeFolder);
}

export interface AppOptions {
  /** The bundled handlers. */
  readonly code?: Code;
  readonly outdir?: string;
}

/** The app with both stacks in it, for those who synthesize it themselves. */
export function buildApp(
  change: Partial<BackupConfigInput> = {},
  { code = emptyHandlers(), ...places }: AppOptions = {},
): App {
  const app = new App({ context: context(), ...places });
  createStacks(app, parseConfig({ ...GOOD, ...change }), code);
  return app;
}

export function synthesize(change: Partial<BackupConfigInput> = {}): Synthesized {
  const app = new App({ context: context() });
  const config = parseConfig({ ...GOOD, ...change });
  const { storage, service } = createStacks(app, config, emptyHandlers());
  return { config, storage: Template.fromStack(storage), service: Template.fromStack(service) };
}
