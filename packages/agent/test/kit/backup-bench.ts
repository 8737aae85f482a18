/** A device, its repository and its clock for tests of the backup: real code over a store in memory. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { memoryStore, parseDeviceId } from '@backup-agent/core';
import type { ObjectStore, ReadWriteStore, Repository } from '@backup-agent/core';
import { runBackup } from '../../src/backup/run-backup.ts';
import type { BackupDeps, BackupJob, BackupResult } from '../../src/backup/job.ts';
import type { AgentEvent } from '../../src/events.ts';
import { usualExcludes } from '../../src/walk/excludes/excludes.ts';

/** Longer after every file's last change than a file counts as racy. */
const SETTLED_MS = 10_000;

export interface Bench {
  readonly store: ObjectStore;
  readonly repository: Repository<ObjectStore>;
  readonly events: AgentEvent[];
  readonly journalFolder: string;
  readonly damageFile: string;
  /** What a run of this bench is given. */
  readonly deps: BackupDeps;
  /** Backs up these folders; `through` puts something between the run and its store. */
  run(
    folders: readonly string[],
    options?: {
      readonly job?: Partial<BackupJob>;
      readonly deps?: Partial<BackupDeps>;
      readonly through?: (store: ObjectStore) => ReadWriteStore;
    },
  ): Promise<BackupResult>;
}

export function openBench(options: { readonly store?: ObjectStore; readonly voidRule?: boolean } = {}): Bench {
  const store = options.store ?? memoryStore();
  const repository = { store, device: parseDeviceId('laptop-1'), voidRule: options.voidRule ?? true };
  const journalFolder = mkdtempSync(join(tmpdir(), 'backup-agent-journal-'));
  onTestFinished(() => rmSync(journalFolder, { recursive: true, force: true }));
  const damageFile = join(journalFolder, 'damaged.json');
  const events: AgentEvent[] = [];
  const own: BackupDeps = {
    repository,
    journalFolder,
    damageFile,
    pageCache: undefined,
    machine: { id: 'machine-1', host: 'host', user: 'user', system: 'test', agent: 'test' },
    clock: {
      now: () => new Date(Date.now() + SETTLED_MS),
      elapsed: () => performance.now(),
      wait: () => Promise.resolve(),
    },
    random: randomBytes,
    report: (event) => events.push(event),
    signal: new AbortController().signal,
    metadata: undefined,
    owners: {
      userName: () => undefined,
      groupName: () => undefined,
      userId: () => undefined,
      groupId: () => undefined,
    },
  };
  return {
    deps: own,
    store,
    repository,
    events,
    journalFolder,
    damageFile,
    run: (folders, { job, deps, through } = {}) =>
      runBackup(jobOf(folders, job), {
        ...own,
        repository: { ...repository, store: through?.(store) ?? store },
        ...deps,
      }),
  };
}

const jobOf = (folders: readonly string[], job: Partial<BackupJob> = {}): BackupJob => ({
  roots: folders.map((path, i) => ({ path, catalogPath: path, label: `root-${i}` })),
  walk: {
    excludes: usualExcludes({ platform: process.platform, home: '/nowhere' }),
    oneFileSystem: true,
    leaveOut: [],
    tellExcluded: false,
  },
  tags: [],
  concurrency: 1,
  compressionLevel: 1,
  extraVerify: true,
  force: false,
  ignoreInode: false,
  ignoreCtime: false,
  dryRun: false,
  ...job,
});
