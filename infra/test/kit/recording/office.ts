/**
 * A small office on a server of its own: the command as it is built, the functions as they are bundled, and in front of
 * the server the policies of the stacks as they would be deployed.
 */
import path from 'node:path';
import { makeBucket } from '@backup-agent/core/test-kit';
import { bundleHandlers } from '../../../src/bundle-handlers.ts';
import { TEST_CREDENTIALS } from '../cloud.ts';
import { startFunction } from '../lambda-function.ts';
import type { LambdaFunction } from '../lambda-function.ts';
import { startMotoServer } from '../moto-server.ts';
import { makeNightQueue } from '../night-queue.ts';
import type { NightQueue } from '../night-queue.ts';
import { BUCKET, KEY_ARN, REGION } from '../resolve-template.ts';
import type { Who } from '../simulate.ts';
import type { Synthesized } from '../synthesize.ts';
import { QUEUE, TOPIC } from './calls.ts';
import { commandsAt, credentialsOf } from './commands.ts';
import type { StartCommand } from './commands.ts';
import { startGuardedServer } from './guarded-server.ts';
import type { GuardedServer } from './guarded-server.ts';

export interface Office {
  readonly server: GuardedServer;
  readonly queue: NightQueue;
  readonly coordinator: LambdaFunction;
  readonly worker: LambdaFunction;
  readonly start: StartCommand;
  /** What is written from now on is so old. */
  setAge(ms: number): void;
  close(): Promise<void>;
}

export interface OfficeInput {
  /** An interpreter that has moto. */
  readonly python: string;
  readonly folder: string;
  /** Who is recorded. */
  readonly principals: readonly Who[];
  readonly synthesized: Synthesized;
}

export async function openOffice({ python, folder, principals, synthesized }: OfficeInput): Promise<Office> {
  await bundleHandlers(folder);
  const moto = await startMotoServer(python, folder);
  await makeBucket({ endpoint: moto.url, credentials: TEST_CREDENTIALS, bucket: BUCKET });
  const server = await startGuardedServer(moto.url, { principals, synthesized });
  // Made through the proxy: the SDK asks a queue at the address in its URL.
  const queue = await makeNightQueue(
    { endpoint: server.url, region: REGION, credentials: TEST_CREDENTIALS },
    moto.hurryQueues,
  );
  server.name(queue.queueUrl, QUEUE);
  server.name(queue.topicArn, TOPIC);
  const started = (name: 'coordinator' | 'worker'): Promise<LambdaFunction> =>
    startFunction(path.join(folder, `${name}.mjs`), {
      ...credentialsOf(name, server.url),
      BACKUP_BUCKET: BUCKET,
      BACKUP_ENVIRONMENT: 'prod',
      KMS_KEY_ARN: KEY_ARN,
      QUEUE_URL: queue.queueUrl,
      TOPIC_ARN: queue.topicArn,
    });
  const coordinator = await started('coordinator');
  const worker = await started('worker');
  return {
    server,
    queue,
    coordinator,
    worker,
    start: commandsAt({ url: server.url, folder, deviceConfig: { metricsEnvironment: 'prod' } }),
    setAge: moto.setObjectAge,
    async close() {
      for (const stop of [worker.stop, coordinator.stop, server.close, moto.stop]) await stop();
    },
  };
}
