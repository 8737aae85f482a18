import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import type { ObjectReader, Repository } from '@backup-agent/core';
import { restoreInto } from '../kit/restore-bench.ts';
import { temporaryFolder } from '../kit/tree.ts';

/** Longer than whatever happens between an answer and the requests that wait for it. */
const LATENCY_MS = 20;

interface Counted {
  readonly repository: Repository;
  requests: number;
  bytes: number;
  /** Requests of which each was sent after the answer of the one before. */
  chain: number;
}

function counted(repository: Repository): Counted {
  const counts = { requests: 0, bytes: 0, chain: 0 };
  const slow =
    <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>, bytesOf: (answer: Answer) => number) =>
    async (...args: Args): Promise<Answer> => {
      counts.requests++;
      const place = counts.chain + 1;
      const answer = await call(...args);
      await new Promise((resolve) => setTimeout(resolve, LATENCY_MS));
      counts.chain = Math.max(counts.chain, place);
      counts.bytes += bytesOf(answer);
      return answer;
    };
  const { store } = repository;
  const slowed: ObjectReader = {
    location: store.location,
    list: slow(store.list, ({ objects }) => objects.length * 300),
    listFolders: slow(store.listFolders, (names) => names.length * 100),
    read: slow(store.read, (bytes) => bytes.length),
    find: slow(store.find, (bytes) => bytes?.length ?? 0),
    readRange: slow(store.readRange, (bytes) => bytes.length),
  };
  return Object.assign(counts, { repository: { ...repository, store: slowed } });
}

test('one small file of many is restored in few dependent requests, without reading catalog and index whole', async () => {
  const builder = new RepositoryBuilder({ segmentBytes: 1 << 20, packSegments: 16 });
  const path = (n: number): string => `folder-${Math.floor(n / 100)}/file-${n}`;
  const entries = Array.from({ length: 20_000 }, (_, n) => ({ path: path(n), content: `content of file ${n}` }));
  await builder.snapshot(entries, { pageLists: true });
  const counts = counted(builder.repository);
  const target = temporaryFolder();
  const { result } = await restoreInto(counts.repository, target, { paths: [path(12_345)] });
  expect(result).toMatchObject({ outcome: 'complete', counts: { files: 1 } });
  expect(fs.readFileSync(`${target}/file-12345`, 'utf8')).toBe('content of file 12345');
  // Snapshots, the snapshot, its page list, the page, the index's records, the segment; repository.json comes before.
  expect(counts.chain).toBeLessThanOrEqual(7);
  expect(counts.requests).toBeLessThanOrEqual(9);
  expect(counts.bytes - result.counts.bytesFetched).toBeLessThan(1 << 20);
});
