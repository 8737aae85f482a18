/**
 * Prints a device's configuration file. From the outputs of a deployment:
 *
 *   npm run --silent infra:agent-config -- [--outputs cdk-outputs.json] [--stack <name>] [--device <id>]
 *     [--aws-profile <name>] [--source <folder>]...
 *
 * or from outputs as they are given: ... RepositoryUrl=s3://... Region=... KmsKeyArn=...
 *
 * Where devices have certificates (output TrustAnchorArn), it names the profile that `backup-agent enroll` writes.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { agentConfigOf, storageOutputs } from '../src/agent-config/agent-config.ts';
import type { OutputsFile } from '../src/agent-config/agent-config.ts';

const USAGE =
  'usage: infra:agent-config [--outputs <file>] [--stack <name>] [--device <id>] [--aws-profile <name>] [--source <folder>]... [<output>=<value>]...';
const DEFAULT_FILE = path.join(import.meta.dirname, '../cdk-outputs.json');
const DEFAULT_SOURCES = ['~/Documents'];

try {
  process.stdout.write(`${JSON.stringify(configAsked(), null, 2)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 2;
}

function configAsked(): object {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      outputs: { type: 'string' },
      stack: { type: 'string' },
      device: { type: 'string' },
      'aws-profile': { type: 'string' },
      source: { type: 'string', multiple: true },
    },
  });
  const given = Object.fromEntries(positionals.map(splitAtFirst));
  const outputs = positionals.length > 0 ? given : outputsIn(values.outputs ?? DEFAULT_FILE, values.stack);
  return agentConfigOf(outputs, {
    sources: values.source ?? DEFAULT_SOURCES,
    ...(values.device === undefined ? {} : { device: values.device }),
    ...(values['aws-profile'] === undefined ? {} : { awsProfile: values['aws-profile'] }),
  });
}

function splitAtFirst(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new TypeError(`"${text}" is not <output>=<value>`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function outputsIn(file: string, stack: string | undefined): Readonly<Record<string, string>> {
  if (!existsSync(file))
    throw new TypeError(
      `there is no file ${file}: deploy with "--outputs-file cdk-outputs.json", or name it with --outputs`,
    );
  const outputs = parsed(file);
  if (stack === undefined) return storageOutputs(outputs);
  const named = outputs[stack];
  if (named === undefined)
    throw new TypeError(`${file} has no stack ${stack}, only ${Object.keys(outputs).join(', ')}`);
  return named;
}

function parsed(file: string): OutputsFile {
  try {
    const outputs: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isGroup(outputs) && Object.values(outputs).every(isGroup)) return outputs as OutputsFile;
  } catch (cause) {
    throw new TypeError(`${file} is not what "cdk deploy --outputs-file" writes`, { cause });
  }
  throw new TypeError(`${file} is not what "cdk deploy --outputs-file" writes: outputs by stack`);
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
