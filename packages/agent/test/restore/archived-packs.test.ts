/** Restores of packs that a lifecycle rule has moved to an archive, over the real S3 store. */
import * as fs from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { BackupError, packsPrefix } from '@backup-agent/core';
import type { ThawSpeed } from '@backup-agent/core';
import { openS3Store } from '@backup-agent/core/s3';
import { RepositoryBuilder, startS3Endpoint } from '@backup-agent/core/test-kit';
import type { S3Endpoint } from '@backup-agent/core/test-kit';
import type { RestoreDeps, RestoreRequest } from '../../src/restore/job.ts';
import type { ThawNeed } from '../../src/restore/thaw-packs.ts';
import { problemsOf, restoreInto } from '../kit/restore-bench.ts';
import type { Restored } from '../kit/restore-bench.ts';
import { temporaryFolder } from '../kit/tree.ts';

/** A file and a pack each; all but the last lie in an archive. */
const FILES = ['old/a', 'old/b', 'old/c', 'new/d'] as const;
const contentOf = (name: string): string => `what is in ${name}`;
const MTIME = '1600000000000000000';
/** Of folders, in ms. */
const MTIME_MS = 1_600_000_000_000;
const week = { days: 7, wait: true } as const;

interface Cold {
  readonly endpoint: S3Endpoint;
  readonly target: string;
  readonly packs: readonly string[];
  /** Waits of the restores so far, in ms. */
  readonly waits: number[];
  /** What happens during a wait; by default all that was asked for is thawed. */
  onWait: () => void;
  /** By path: `old/a`. */
  restored(): Record<string, string>;
  restore(options: Partial<RestoreRequest> & { readonly deps?: Partial<RestoreDeps> }): Promise<Restored>;
  thawsAsked(): string[];
}

async function coldRepository(storageClass: 'GLACIER' | 'DEEP_ARCHIVE' = 'GLACIER'): Promise<Cold> {
  const endpoint = await startS3Endpoint();
  onTestFinished(() => endpoint.close());
  const store = await openS3Store({
    bucket: 'bucket',
    prefix: '',
    endpoint: endpoint.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    signal: new AbortController().signal,
    random: () => 0,
  });
  const builder = new RepositoryBuilder({ store, segmentBytes: 1, packSegments: 1 });
  const folders = ['old', 'new'].map((path) => ({ path, mtime: MTIME }));
  await builder.snapshot([...folders, ...FILES.map((path) => ({ path, content: contentOf(path) }))]);
  const packs = (await store.list(packsPrefix(builder.repository.device, 'data'))).objects.map(({ key }) => key);
  expect(packs).toHaveLength(FILES.length);
  // The builder numbers packs in the order of the entries that it is given.
  for (const key of packs.slice(0, 3)) endpoint.archive('bucket', key, storageClass);
  const target = `${temporaryFolder()}/restored`;
  const waits: number[] = [];
  const cold: Cold = {
    endpoint,
    target,
    packs,
    waits,
    onWait: () => endpoint.finishThawing('bucket'),
    restored: () =>
      Object.fromEntries(
        FILES.flatMap((name) => {
          const file = `${target}/${name}`;
          return fs.existsSync(file) ? [[name, fs.readFileSync(file, 'utf8')]] : [];
        }),
      ),
    restore: ({ deps, ...request }) =>
      restoreInto({ ...builder.repository, store }, target, {
        thaw: week,
        ...request,
        deps: {
          clock: {
            elapsed: () => performance.now(),
            wait: (ms, signal) => {
              waits.push(ms);
              cold.onWait();
              return signal.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve();
            },
          },
          ...deps,
        },
      }),
    thawsAsked: () => endpoint.log.filter(({ operation }) => operation === 'RestoreObject').map(({ key }) => key),
  };
  return cold;
}

const ALL = Object.fromEntries(FILES.map((name) => [name, contentOf(name)]));
const asking = (answer: ThawSpeed | Error) => {
  const needs: ThawNeed[] = [];
  const chooseThaw = (need: ThawNeed): Promise<ThawSpeed> => {
    needs.push(need);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { needs, deps: { chooseThaw } };
};

test('who decides is told what lies in the archive, what it costs and how long it takes; then all is thawed and restored', async () => {
  const cold = await coldRepository();
  const { needs, deps } = asking('bulk');
  const { result, events } = await cold.restore({ deps });
  expect(needs).toEqual([
    {
      packs: 3,
      packsNeeded: 4,
      bytes: expect.any(Number) as number,
      days: 7,
      offers: [
        { speed: 'bulk', hoursMin: 5, hoursMax: 12, usd: expect.closeTo(0, 3) as number },
        { speed: 'standard', hoursMin: 3, hoursMax: 5, usd: expect.closeTo(0.00015, 6) as number },
        { speed: 'expedited', hoursMin: 1 / 60, hoursMax: 5 / 60, usd: expect.closeTo(0.03, 6) as number },
      ],
    },
  ]);
  expect(result).toMatchObject({ outcome: 'complete', counts: { files: 4 } });
  expect(cold.restored()).toEqual(ALL);
  expect(cold.thawsAsked().toSorted()).toEqual(cold.packs.slice(0, 3));
  expect(cold.waits).toEqual([30_000]);
  const progress = events.flatMap((event) => (event.type === 'progress' && event.phase === 'thaw' ? [event] : []));
  expect(progress.map(({ files, filesTotal }) => [files, filesTotal])).toEqual([
    [0, 3],
    [3, 3],
  ]);
  expect(events).toContainEqual({ type: 'note', message: expect.stringMatching(/3 packs.*5 to 12 hours/) as string });
});

test('only packs that the restore needs are thawed', async () => {
  const cold = await coldRepository();
  const { result } = await cold.restore({ paths: ['old/b'], deps: asking('standard').deps });
  expect(result.outcome).toBe('complete');
  expect(cold.thawsAsked()).toEqual([cold.packs[1]]);
});

test('what lies in no archive is restored without a question, and costs one listing', async () => {
  const cold = await coldRepository();
  const before = cold.endpoint.log.length;
  await cold.restore({ paths: ['new/d'] });
  const asked = cold.endpoint.log.slice(before).map(({ operation, key }) => `${operation} ${key}`);
  expect(asked.filter((line) => line.includes('/data/'))).toEqual([
    expect.stringMatching(/^ListObjectsV2 .*Z-[0-9a-f]{8}\/$/),
    `GetObject ${cold.packs[3]}`,
  ]);
});

test('it is waited until the last pack is back, and the first that is missing is asked after', async () => {
  const cold = await coldRepository();
  let waits = 0;
  cold.onWait = () => {
    if (++waits === 22) cold.endpoint.finishThawing('bucket');
  };
  await cold.restore({ deps: asking('expedited').deps });
  const [half, five] = [30_000, 5 * 60_000];
  expect(cold.waits).toEqual([...Array.from({ length: 20 }, () => half), five, five]);
  expect(cold.restored()).toEqual(ALL);
});

test('who wants nothing thawed finds nothing asked for and nothing left behind', async () => {
  const cold = await coldRepository();
  const { deps } = asking(new BackupError('STOPPED_EARLY', 'no'));
  await expect(cold.restore({ deps })).rejects.toMatchObject({ code: 'STOPPED_EARLY', message: 'no' });
  expect(cold.thawsAsked()).toEqual([]);
  expect(fs.existsSync(cold.target)).toBe(false);
});

test('who does not wait restores later, and then as if nothing had been', async () => {
  const cold = await coldRepository();
  const request = { thaw: { days: 3, wait: false }, deps: asking('bulk').deps } as const;
  await expect(cold.restore(request)).rejects.toMatchObject({
    code: 'STOPPED_EARLY',
    message: 'nothing is restored yet: 3 packs are being thawed, which takes 5 to 12 hours',
    hint: 'the same command then restores; what is thawed can be read for 3 days',
  });
  expect(fs.existsSync(cold.target)).toBe(false);
  // Too early: nothing is asked for again, and no money spent.
  await expect(cold.restore(request)).rejects.toMatchObject({ message: expect.stringContaining('3 packs') as string });
  cold.endpoint.finishThawing('bucket');
  const { result } = await cold.restore(request);
  expect(result.outcome).toBe('complete');
  expect(cold.restored()).toEqual(ALL);
  expect(fs.statSync(`${cold.target}/old`).mtimeMs).toBe(MTIME_MS);
  expect(cold.thawsAsked()).toHaveLength(3);
});

test('what is on its way is waited for without a question', async () => {
  const cold = await coldRepository();
  await cold.restore({ thaw: { days: 3, wait: false }, deps: asking('bulk').deps }).catch(() => {});
  const { needs, deps } = asking('standard');
  await cold.restore({ deps });
  expect(needs).toEqual([]);
  expect(cold.thawsAsked()).toHaveLength(3);
  expect(cold.restored()).toEqual(ALL);
});

test('copies that would go during the restore are kept for longer', async () => {
  const cold = await coldRepository();
  await cold.restore({ thaw: { days: 2, wait: false }, deps: asking('bulk').deps }).catch(() => {});
  cold.endpoint.finishThawing('bucket', new Date(Date.now() - 36 * 60 * 60_000));
  const { result } = await cold.restore({});
  expect(result.outcome).toBe('complete');
  expect(
    cold.endpoint.log.filter(({ operation, status }) => operation === 'RestoreObject' && status === 200),
  ).toHaveLength(3);
  expect(cold.waits).toEqual([]);
});

test('interrupted while it waits, it leaves nothing but what it has asked for', async () => {
  const cold = await coldRepository();
  const controller = new AbortController();
  cold.onWait = () => controller.abort(new BackupError('INTERRUPTED', 'interrupted'));
  const deps = { signal: controller.signal };
  await expect(cold.restore({ deps: { ...deps, ...asking('bulk').deps } })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  });
  expect(fs.existsSync(cold.target)).toBe(false);
  expect(cold.thawsAsked()).toHaveLength(3);
});

test('a dry run asks for nothing, and tells what would have to be thawed', async () => {
  const cold = await coldRepository();
  const { result } = await cold.restore({ dryRun: true });
  expect(result.thaw).toMatchObject({ packs: 3, packsNeeded: 4, offers: [{ speed: 'bulk' }, {}, {}] });
  expect(cold.thawsAsked()).toEqual([]);
});

test('DEEP_ARCHIVE knows no hurry', async () => {
  const cold = await coldRepository('DEEP_ARCHIVE');
  const { result } = await cold.restore({ dryRun: true });
  expect(result.thaw?.offers.map(({ speed, hoursMax }) => [speed, hoursMax])).toEqual([
    ['bulk', 48],
    ['standard', 12],
  ]);
  await expect(cold.restore({ deps: asking('expedited').deps })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    hint: 'choose one of bulk, standard',
  });
  expect(fs.existsSync(cold.target)).toBe(false);
});

test('who may not thaw is told so, and nothing is left', async () => {
  const cold = await coldRepository();
  cold.endpoint.settings.denies = ({ operation }) => operation === 'RestoreObject';
  await expect(cold.restore({ deps: asking('bulk').deps })).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  expect(fs.existsSync(cold.target)).toBe(false);
});

test('a pack that S3 does not thaw however often it is asked ends the restore', async () => {
  const cold = await coldRepository();
  cold.endpoint.faults.add({
    on: 'RestoreObject',
    times: 99,
    effect: { type: 'answer', status: 409, code: 'RestoreAlreadyInProgress' },
  });
  await expect(cold.restore({ paths: ['old/a'], deps: asking('bulk').deps })).rejects.toMatchObject({
    code: 'FAILED',
    message: expect.stringMatching(/asked for 3 times and stays archived/) as string,
  });
});

test('a pack that goes to the archive meanwhile costs its files, which are named', async () => {
  const cold = await coldRepository();
  cold.endpoint.faults.add({
    on: 'GetObject',
    key: new RegExp(`${cold.packs[3]}$`),
    effect: { type: 'answer', status: 403, code: 'InvalidObjectState' },
  });
  const restored = await cold.restore({ deps: asking('bulk').deps });
  expect(problemsOf(restored)).toEqual({ 'new/d': expect.stringContaining('lies in an archive') as string });
  expect(restored.result.counts.files).toBe(3);
});
