/** Files without any bytes: nothing is fetched for them. */
import { hash } from 'node:crypto';
import type { MetadataFailure } from './file-metadata.ts';
import type { FilePlan } from './file-plan.ts';
import type { FileWriters } from './protocol.ts';
import { TaskWriter } from './task-format.ts';

const FILES_PER_TASK = 500;
const EMPTY_ID = Buffer.from(hash('sha256', ''), 'hex');

export interface MadeFile {
  readonly file: number;
  /** Why it could not be made. */
  readonly error: NodeJS.ErrnoException | undefined;
  /** Of a file that was made. */
  readonly unset: readonly MetadataFailure[];
}

export async function makeEmptyFiles(
  plan: FilePlan,
  files: readonly number[],
  writers: FileWriters,
): Promise<MadeFile[]> {
  const tasks = new TaskWriter();
  const made: Promise<MadeFile[]>[] = [];
  for (let at = 0; at < files.length; at += FILES_PER_TASK) {
    const some = files.slice(at, at + FILES_PER_TASK);
    tasks.chunk(EMPTY_ID, 0, 0);
    for (const file of some) tasks.whole({ ...plan.headOf(file), name: plan.nameOf(file) });
    await writers.room();
    made.push(make(some, tasks.take(), writers));
  }
  return (await Promise.all(made)).flat();
}

async function make(files: readonly number[], task: Uint8Array, writers: FileWriters): Promise<MadeFile[]> {
  const request = { type: 'segment', stored: new Uint8Array(), rawBytes: 0, where: '', task } as const;
  const { failures, unset } = await writers.run(request);
  const unsetOf = Map.groupBy(unset, ({ target }) => target);
  const errors = new Map(failures.map(({ target, code, message }) => [target, withCode(message, code)]));
  return files.map((file, i) => ({ file, error: errors.get(i), unset: unsetOf.get(i) ?? [] }));
}

/** An error of Node's as it was before it crossed threads. */
export const withCode = (message: string, code: string): NodeJS.ErrnoException =>
  Object.assign(new Error(message), { code });
