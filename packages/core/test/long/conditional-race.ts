/** Whether a server obeys `If-None-Match: *` also when several writers come at once: one after the other proves less. */
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { MiB, noise } from '../kit/store-contract/subjects.ts';
import { clientFor } from './s3-bucket.ts';
import type { TestBucket } from './s3-bucket.ts';

/** A server that only looks before it writes lets several through in most rounds. */
const ROUNDS = 6;
const WRITERS = [0, 1, 2, 3];

export interface RaceResult {
  /** In every round exactly one writer was told that it had written. */
  readonly put: boolean;
  readonly completion: boolean;
}

export async function raceWriters(target: TestBucket): Promise<RaceResult> {
  const client = clientFor(target);
  const winners = { put: [] as number[], completion: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    winners.put.push(await putAtOnce(client, target.bucket, `race/put-${round}`));
    winners.completion.push(await completeAtOnce(client, target.bucket, `race/completion-${round}`));
  }
  client.destroy();
  return { put: winners.put.every((won) => won === 1), completion: winners.completion.every((won) => won === 1) };
}

function putAtOnce(client: S3Client, Bucket: string, Key: string): Promise<number> {
  return countWinners(
    WRITERS.map((writer) => new PutObjectCommand({ Bucket, Key, IfNoneMatch: '*', Body: noise(1000, writer) })),
    (command) => client.send(command),
  );
}

async function completeAtOnce(client: S3Client, Bucket: string, Key: string): Promise<number> {
  const completions = await Promise.all(
    WRITERS.map(async (writer) => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      const part = { Bucket, Key, UploadId, PartNumber: 1, Body: noise(8 * MiB, writer) };
      const { ETag } = await client.send(new UploadPartCommand(part));
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      return new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, IfNoneMatch: '*', MultipartUpload });
    }),
  );
  return countWinners(completions, (command) => client.send(command));
}

async function countWinners<Command>(
  commands: readonly Command[],
  send: (command: Command) => Promise<unknown>,
): Promise<number> {
  const results = await Promise.allSettled(commands.map(send));
  return results.filter(({ status }) => status === 'fulfilled').length;
}
