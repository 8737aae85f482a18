import { link } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { LocalFs } from '../../../src/store/local/create-object.ts';
import { openLocalStore } from '../../../src/store/local/open-local-store.ts';
import { describeObjectStore } from '../../kit/store-contract.ts';

const CAPABILITIES = {
  conditionalPut: true,
  conditionalCompletion: true,
  checksumKept: false,
  sseKms: false,
  versions: false,
  undeletes: false,
  persistent: true,
};

/** A file system without hard links, such as exFAT. */
const withoutLinks: LocalFs = {
  link: () => Promise.reject(Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' })),
};

for (const [name, fs] of [
  ['the local store', { link }],
  ['the local store where links are unsupported', withoutLinks],
] as const) {
  const parent = mkdtempSync(join(tmpdir(), 'backup-agent-test-'));
  afterAll(() => rmSync(parent, { recursive: true, force: true }));
  describeObjectStore(name, CAPABILITIES, async () => ({
    store: await openLocalStore({ folder: join(parent, 'repository'), create: true, fs }),
    close: () => Promise.resolve(),
  }));
}
