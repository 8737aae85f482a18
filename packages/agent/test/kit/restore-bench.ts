/** Restores for tests: the real engine, with what a test does not care about filled in. */
import { randomBytes } from 'node:crypto';
import type { Repository } from '@backup-agent/core';
import type { AgentEvent } from '../../src/events.ts';
import { FileWriter } from '../../src/restore/file-writer.ts';
import type { RestoreDeps, RestoreRequest, RestoreResult } from '../../src/restore/job.ts';
import type { FileWriters, RestoreWorkerData } from '../../src/restore/protocol.ts';
import { restore } from '../../src/restore/restore.ts';
import { detectMetadataTools } from '../../src/system/metadata-tools.ts';
import type { MetadataTools } from '../../src/system/metadata-tools.ts';

export interface Restored {
  readonly result: RestoreResult;
  readonly events: readonly AgentEvent[];
}

export async function restoreInto(
  repository: Repository,
  target: string,
  options: Partial<RestoreRequest> & { readonly deps?: Partial<RestoreDeps> } = {},
): Promise<Restored> {
  const { deps, ...request } = options;
  const events: AgentEvent[] = [];
  const result = await restore(
    {
      snapshot: { by: 'latest' },
      target,
      paths: [],
      include: [],
      exclude: [],
      overwrite: 'never',
      delta: false,
      verify: false,
      dryRun: false,
      fsync: false,
      sparse: true,
      concurrency: 2,
      thaw: { days: 7, wait: true },
      ...request,
    },
    {
      repository,
      pageCache: undefined,
      repositoryFolder: undefined,
      system: {
        platform: process.platform,
        uid: process.getuid?.(),
        gid: process.getgid?.(),
        groups: process.getgroups?.() ?? [],
      },
      metadata: undefined,
      openWriters: writersInThisThread,
      owners: { userId: () => undefined, groupId: () => undefined },
      random: randomBytes,
      clock: { elapsed: () => performance.now(), wait: () => Promise.reject(new Error('nothing is waited for')) },
      chooseThaw: () => Promise.reject(new Error('nothing lies in an archive')),
      report: (event) => void events.push(event),
      signal: new AbortController().signal,
      ...deps,
    },
  );
  return { result, events };
}

/** Threads take a second to start, which hundreds of restores do not have. */
function writersInThisThread(data: RestoreWorkerData): FileWriters {
  const writer = new FileWriter(data, 0);
  return {
    tell: (request) => void writer.handle(request),
    room: () => Promise.resolve(),
    run: (request) => Promise.resolve(writer.handle(request)),
    close: () => Promise.resolve(writer.close()),
  };
}

export const realMetadataTools = (): MetadataTools =>
  detectMetadataTools({
    platform: process.platform,
    searchPath: process.env['PATH'] ?? '',
    isRoot: process.getuid?.() === 0,
    temporaryFolder: '/tmp',
  }).tools;

/** Path -> reason, for comparing. */
export const problemsOf = ({ result }: Restored): Record<string, string> =>
  Object.fromEntries(result.problems.map(({ path, reason }) => [path, reason]));
