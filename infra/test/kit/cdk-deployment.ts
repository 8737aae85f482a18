/** `cdk bootstrap` and `cdk deploy` as docs/deploy.md has them, on a server that stands for AWS (moto). */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { OutputsFile } from '../../src/agent-config/agent-config.ts';
import { bundleHandlers } from '../../src/bundle-handlers.ts';
import type { BackupConfigInput } from '../../src/config/backup-config.ts';
import { environmentOf } from './cloud.ts';
import type { Cloud } from './cloud.ts';
import { ACCOUNT } from './good-config.ts';
import { leaveOut } from './leave-out.ts';
import type { Template } from './leave-out.ts';
import { buildApp } from './synthesize.ts';

export interface CdkDeployment {
  bootstrap(): Promise<void>;
  /** Both stacks, as far as the server can take them. */
  deploy(change?: Partial<BackupConfigInput>): Promise<Deployment>;
  /** What CloudFormation made, by the ids of the template. */
  resources(stack: string): Promise<ReadonlyMap<string, MadeResource>>;
  /** As CloudFormation has it. */
  template(stack: string): Promise<Template>;
}

export interface Deployment {
  readonly stacks: readonly DeployedStack[];
  /** As `cdk deploy --outputs-file` writes it. */
  readonly outputsFile: string;
  /** Of both stacks. */
  readonly outputs: Readonly<Record<string, string>>;
}

export interface DeployedStack {
  readonly name: string;
  /** As it was synthesized. */
  readonly whole: Template;
  readonly leftOut: readonly string[];
}

export interface MadeResource {
  readonly type: string;
  /** moto gives some none. */
  readonly physicalId: string | undefined;
}

export interface CdkDeploymentDeps {
  readonly cloud: Cloud;
  /** The types of which the server makes something. */
  readonly known: ReadonlySet<string>;
  /** For what is synthesized; the home of the command. */
  readonly folder: string;
}

interface Manifest {
  readonly artifacts: Readonly<Record<string, { readonly properties: { terminationProtection?: boolean } }>>;
}

const CDK = path.join(import.meta.dirname, '../../node_modules/aws-cdk/bin/cdk');

export function openCdkDeployment({ cloud, known, folder }: CdkDeploymentDeps): CdkDeployment {
  const cloudFormation = new CloudFormationClient(cloud);
  const cdk = async (...args: string[]): Promise<void> => {
    await promisify(execFile)(process.execPath, [CDK, ...args, '--no-notices', '--no-color'], {
      cwd: folder,
      env: { ...cdkEnvironment(cloud), PATH: process.env['PATH'], HOME: folder },
    });
  };
  let deployments = 0;
  let bundled: Promise<unknown> | undefined;
  return {
    bootstrap: () => cdk('bootstrap', `aws://${ACCOUNT}/${cloud.region}`),

    async deploy(change) {
      const handlers = path.join(folder, 'handlers');
      await (bundled ??= bundleHandlers(handlers));
      const outdir = path.join(folder, `assembly-${++deployments}`);
      const { stacks: synthesized } = buildApp(change, { code: Code.fromAsset(handlers), outdir }).synth();
      const stacks = synthesized.map((stack): DeployedStack => {
        const whole = stack.template as Template;
        const { template, leftOut } = leaveOut(whole, known);
        fs.writeFileSync(stack.templateFullPath, JSON.stringify(template));
        const unprotected = stack.terminationProtection === true ? [leaveUnprotected(outdir, stack.id)] : [];
        return { name: stack.stackName, whole, leftOut: [...leftOut, ...unprotected] };
      });
      const outputsFile = path.join(folder, `outputs-${deployments}.json`);
      // What a stack exports moto forgets if it was made by a change set, and parameters in any case.
      const how = ['--method', 'direct', '--no-previous-parameters'];
      const docs = ['--all', '--require-approval', 'never', '--outputs-file', outputsFile];
      await cdk('deploy', ...docs, ...how, '--app', outdir);
      const outputs = JSON.parse(fs.readFileSync(outputsFile, 'utf8')) as OutputsFile;
      return { stacks, outputsFile, outputs: Object.assign({}, ...Object.values(outputs)) as Record<string, string> };
    },

    async resources(stack) {
      const { StackResources: made = [] } = await cloudFormation.send(
        new DescribeStackResourcesCommand({ StackName: stack }),
      );
      return new Map(
        made.map(({ LogicalResourceId: id = '', ResourceType: type = '', PhysicalResourceId: physicalId }) => [
          id,
          { type, physicalId },
        ]),
      );
    },

    async template(stack) {
      const { TemplateBody: text = '' } = await cloudFormation.send(new GetTemplateCommand({ StackName: stack }));
      return JSON.parse(text) as Template;
    },
  };
}

function cdkEnvironment(cloud: Cloud): Record<string, string> {
  const { hostname, port } = new URL(cloud.endpoint);
  return {
    ...environmentOf(cloud),
    // By this name only does moto know templates that it holds itself.
    AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: cloud.endpoint.replace(`${hostname}:${port}`, `localhost:${port}`),
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
  };
}

/** The line that tells it. */
function leaveUnprotected(assembly: string, id: string): string {
  const file = path.join(assembly, 'manifest.json');
  const manifest = JSON.parse(fs.readFileSync(file, 'utf8')) as Manifest;
  const stack = manifest.artifacts[id];
  if (stack === undefined) throw new Error(`${file} has no ${id}`);
  stack.properties.terminationProtection = false;
  fs.writeFileSync(file, JSON.stringify(manifest));
  return 'termination protection: not known to moto';
}
