/**
 * A function as it was deployed, run here: its configuration is read back, its code fetched by what that says and
 * unpacked. Beside its own environment it has only what Lambda sets, and where the server is.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { environmentOf } from './cloud.ts';
import type { Cloud } from './cloud.ts';
import { startFunction } from './lambda-function.ts';
import type { LambdaFunction } from './lambda-function.ts';

export interface DeployedFunctionDeps {
  readonly cloud: Cloud;
  /** Where `cdk deploy` puts code. */
  readonly assets: string;
  /** Unpacks it: Node cannot. */
  readonly python: string;
  /** For the code. */
  readonly folder: string;
}

export interface DeployedFunction extends LambdaFunction {
  readonly configuration: FunctionConfiguration;
}

export async function startDeployedFunction(name: string, deps: DeployedFunctionDeps): Promise<DeployedFunction> {
  const { Configuration: configuration = {}, Code: code = {} } = await new LambdaClient(deps.cloud).send(
    new GetFunctionCommand({ FunctionName: name }),
  );
  const unpacked = await unpackCode(path.basename(new URL(code.Location ?? '').pathname), configuration, deps);
  const [module = '', exported = ''] = configuration.Handler?.split('.') ?? [];
  const memoryMiB = configuration.MemorySize ?? 0;
  const running = await startFunction(
    path.join(unpacked, `${module}.mjs`),
    {
      ...atServer(configuration.Environment?.Variables ?? {}, deps.cloud),
      ...environmentOf(deps.cloud),
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB),
    },
    { memoryMiB, timeoutMs: (configuration.Timeout ?? 0) * 1000, exported },
  );
  return { ...running, configuration };
}

/** The address of a queue names its own server, whatever AWS_ENDPOINT_URL says: it becomes the one that is there. */
const atServer = (variables: Readonly<Record<string, string>>, { endpoint }: Cloud): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value.replace(/^https:\/\/sqs\.[^/]+/, endpoint)]),
  );

/** The folder in which it is then. */
async function unpackCode(
  key: string,
  { FunctionName: name = '', CodeSha256: sha256 }: FunctionConfiguration,
  { cloud, assets, python, folder }: DeployedFunctionDeps,
): Promise<string> {
  const { Body: body } = await new S3Client(cloud).send(new GetObjectCommand({ Bucket: assets, Key: key }));
  const bytes = (await body?.transformToByteArray()) ?? new Uint8Array();
  if (createHash('sha256').update(bytes).digest('base64') !== sha256)
    throw new Error(`${assets}/${key} is not what ${name} runs`);
  const unpacked = fs.mkdtempSync(path.join(folder, `${name}-`));
  const zip = `${unpacked}.zip`;
  fs.writeFileSync(zip, bytes);
  execFileSync(python, ['-m', 'zipfile', '-e', zip, unpacked]);
  return unpacked;
}
