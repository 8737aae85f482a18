/** Verifications in this thread, and small repositories to be damaged. */
import {
  deviceWordKey,
  encodeDeviceWord,
  encodeHold,
  encodeMarks,
  encodePin,
  encodePolicy,
  encodeRepositoryFile,
  holdKey,
  marksKey,
  memoryStore,
  newRepositoryFile,
  pinKey,
  snapshotName,
} from '@backup-agent/core';
import { parseKey, parseRunId, policyKey, repositoryKey, DEFAULT_POLICY } from '@backup-agent/core';
import type { ObjectKey, ObjectReader, ObjectStore, Repository } from '@backup-agent/core';
import { RepositoryBuilder, damagedStore } from '@backup-agent/core/test-kit';
import { checkSegments } from '../../src/verify/check-segments.ts';
import type { Finding } from '../../src/verify/finding.ts';
import type { SegmentChecker, VerifyDeps, VerifyRequest, VerifyResult } from '../../src/verify/job.ts';
import { verify } from '../../src/verify/verify.ts';
import { openBench } from './backup-bench.ts';
import { temporaryFolder, writeTree } from './tree.ts';

/** What a worker does, done at once. */
const checkHere = (): SegmentChecker => ({
  room: () => Promise.resolve(),
  run: (request) => Promise.resolve(checkSegments(request)),
  close: () => Promise.resolve(),
});

export const WITH_DATA: VerifyRequest = { snapshot: undefined, dataShare: 1 };
export const STRUCTURE_ONLY: VerifyRequest = { snapshot: undefined, dataShare: 0 };

export const verifyHere = (
  repository: Repository,
  request: VerifyRequest = WITH_DATA,
  deps: Partial<VerifyDeps> = {},
): Promise<VerifyResult> =>
  verify(request, {
    repository,
    openChecker: checkHere,
    random: (bytes) => Buffer.alloc(bytes, 7),
    clock: { elapsed: () => 0 },
    report: () => {},
    signal: new AbortController().signal,
    ...deps,
  });

/** Keys of damaged objects. */
export const damagedKeys = ({ findings }: { readonly findings: readonly Finding[] }): string[] =>
  findings.filter(({ severity }) => severity === 'damage').map(({ key }) => key);

let built: Promise<Repository<ObjectStore>> | undefined;

/** Two real backups of a few small files, as `init` and a night leave a repository: made once, copied for each test. */
export async function smallRepository(): Promise<Repository<ObjectStore>> {
  built ??= backUpTwice();
  const repository = await built;
  return { ...repository, store: await changedStore(repository.store, {}) };
}

async function backUpTwice(): Promise<Repository<ObjectStore>> {
  const bench = openBench({ voidRule: true });
  await addFleetObjects(bench.store, bench.repository);
  const top = temporaryFolder();
  writeTree(top, { letters: { 'ada.txt': 'Dear Ada, thank you, thank you', 'bob.txt': 'Dear Bob' }, empty: '' });
  await bench.run([top]);
  writeTree(top, { letters: { 'cyd.txt': 'Dear Cyd, '.repeat(20) }, 'random.bin': Buffer.from('8f1c00a7', 'hex') });
  await bench.run([top]);
  return bench.repository;
}

/** A snapshot with page lists, and with a large file that names lists of its chunks. */
export async function listedRepository(): Promise<Repository<ObjectStore>> {
  const builder = new RepositoryBuilder({ entryChunksMax: 1, segmentBytes: 512 * 1024 });
  const content = Buffer.concat([Buffer.alloc(4_200_000, 'a'), Buffer.from('the end')]);
  await builder.snapshot(
    [
      { path: '', kind: 'folder' },
      { path: 'large', content },
      { path: 'small', content: 'small' },
    ],
    { pageLists: true },
  );
  return builder.repository;
}

async function addFleetObjects(store: ObjectStore, { device }: Repository): Promise<void> {
  await store.create(repositoryKey(), [encodeRepositoryFile(newRepositoryFile(new Date(0)))]);
  const written = new Date(0).toISOString();
  await store.create(policyKey(parseRunId('20260101T000000Z-00000001')), [
    encodePolicy({ version: 1, written, by: 'ann', policy: DEFAULT_POLICY }),
  ]);
  const word = parseRunId('20260101T000000Z-00000002');
  const said = { version: 1, written, by: 'ann' } as const;
  await store.create(holdKey(device, word), [encodeHold({ ...said, state: 'released', reason: 'all is well' })]);
  await store.create(pinKey(device, snapshotName(word, 0), word), [encodePin({ ...said, state: 'pinned' })]);
  await store.create(deviceWordKey(device, word), [encodeDeviceWord({ ...said, state: 'enrolled' })]);
  const mark = { pack: 'data/20250101T000000Z-00000001/00000', state: 'dead', since: null } as const;
  await store.create(marksKey(device, 1), [encodeMarks({ version: 1, sequence: 1, marks: [mark] })]);
}

export interface StoredObject {
  readonly key: ObjectKey;
  readonly bytes: Buffer;
}

export async function objectsOf(store: ObjectReader): Promise<StoredObject[]> {
  const { objects } = await store.list('v1/');
  return Promise.all(
    objects.map(async ({ key }) => ({
      key: key as ObjectKey,
      bytes: await store.read(key as ObjectKey, Number.MAX_SAFE_INTEGER),
    })),
  );
}

export interface FlipOutcome {
  /** Flips made. */
  readonly flips: number;
  /** `<key> byte <n>` of flips that were not reported with their object's key. */
  readonly missed: readonly string[];
  /** `<kind of the flipped object> -> <kind>`: what was reported besides. */
  readonly besides: ReadonlySet<string>;
}

/** Flips every `stride`-th byte of every object in turn, one bit of it, and verifies with data. */
export async function flipBytes(repository: Repository<ObjectStore>, stride: number): Promise<FlipOutcome> {
  const store = damagedStore(repository.store);
  const missed: string[] = [];
  const besides = new Set<string>();
  let flips = 0;
  for (const { key, bytes } of await objectsOf(repository.store)) {
    for (let at = flips % stride; at < bytes.length; at += stride, flips++) {
      await store.flip(key, at);
      const keys = damagedKeys(await verifyHere({ ...repository, store }));
      if (!keys.includes(key)) missed.push(`${key} byte ${at}`);
      for (const other of keys) if (other !== key) besides.add(`${kindOf(key)} -> ${kindOf(other)}`);
      store.heal();
    }
  }
  return { flips, missed, besides };
}

const kindOf = (key: string): string => {
  const parsed = parseKey(key);
  return parsed?.type === 'pack' ? `${parsed.pack.kind} pack` : (parsed?.type ?? 'unknown');
};

/**
 * The same objects with their times, those in `changed` with other bytes or gone: what a listing shows is what is there.
 * After them time goes on.
 */
export async function changedStore(
  store: ObjectReader,
  changed: Readonly<Record<string, Buffer | 'gone'>>,
): Promise<ObjectStore> {
  const { objects } = await store.list('v1/');
  const times = new Map(objects.map(({ key, modified }) => [key, modified]));
  let now = new Date(0);
  let passesMs = 0;
  const copy = memoryStore({ now: () => (now = new Date(+now + passesMs)) });
  for (const { key, bytes } of await objectsOf(store)) {
    const content = changed[key] ?? bytes;
    now = times.get(key) ?? now;
    if (content !== 'gone') await copy.create(key, [content]);
  }
  passesMs = 1000;
  return copy;
}
