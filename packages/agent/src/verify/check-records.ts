/** The JSON objects besides snapshots: repository.json, the policies and other words, marks, and the runs' records. */
import {
  JSON_BYTES_MAX,
  decodeMarks,
  decodePolicy,
  decodeRepositoryFile,
  decodeRunRecord,
  isBackupError,
  mapConcurrent,
  policyPrefix,
  repositoryKey,
} from '@backup-agent/core';
import type { ObjectInfo, RetentionPolicy } from '@backup-agent/core';
import type { Inventory, ListedRecord } from './inventory.ts';
import type { CommittedRun } from './missing-snapshots.ts';
import type { VerifyRun } from './verify-run.ts';

const READS_AT_ONCE = 8;

export interface Records {
  readonly committed: readonly CommittedRun[];
  /** Undefined: not all of them could be read. */
  readonly policies: readonly RetentionPolicy[] | undefined;
}

export async function checkRecords(run: VerifyRun, inventory: Inventory): Promise<Records> {
  await checkRepositoryFile(run, inventory);
  await checkMarks(run, inventory);
  await checkWords(run, inventory);
  return { policies: await checkPolicies(run, inventory), committed: await checkRunRecords(run, inventory) };
}

/** Throws FORMAT_UNKNOWN: nothing that this program says of such a repository would be worth anything. */
async function checkRepositoryFile(run: VerifyRun, { repositoryFile }: Inventory): Promise<void> {
  const key = repositoryKey();
  if (repositoryFile === undefined) {
    run.findings.damage(key, 'missing: no program takes this for a repository without it');
    return;
  }
  const bytes = await run.readObject(repositoryFile, JSON_BYTES_MAX);
  if (bytes === undefined) return;
  try {
    decodeRepositoryFile(bytes, key);
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED')) throw error;
    run.findings.damage(key, error);
  }
}

async function checkPolicies(run: VerifyRun, { policies }: Inventory): Promise<readonly RetentionPolicy[] | undefined> {
  if (policies === undefined) return undefined;
  if (policies.length === 0) run.findings.note(policyPrefix(), 'there is no retention policy: nothing ever expires');
  const read = async (object: ObjectInfo) => {
    const bytes = await run.readObject(object, JSON_BYTES_MAX);
    return bytes === undefined ? undefined : run.decode(object.key, () => decodePolicy(bytes, object.key).policy);
  };
  const words: (RetentionPolicy | undefined)[] = [];
  for await (const word of mapConcurrent(policies, READS_AT_ONCE, read)) words.push(word);
  return words.every((word) => word !== undefined) ? words : undefined;
}

async function checkWords(run: VerifyRun, { words }: Inventory): Promise<void> {
  const check = async ({ object, decode }: Inventory['words'][number]): Promise<void> => {
    const bytes = await run.readObject(object, JSON_BYTES_MAX);
    if (bytes !== undefined) run.decode(object.key, () => decode(bytes, object.key) !== undefined);
  };
  for await (const _ of mapConcurrent(words, READS_AT_ONCE, check));
}

async function checkMarks(run: VerifyRun, { marks }: Inventory): Promise<void> {
  for (const { object, sequence } of marks) {
    const bytes = await run.readObject(object, JSON_BYTES_MAX);
    if (bytes === undefined) continue;
    const state = run.decode(object.key, () => decodeMarks(bytes, object.key));
    if (state !== undefined && state.sequence !== sequence)
      run.findings.damage(object.key, `it is state ${state.sequence} of the marks, under another number`);
  }
}

async function checkRunRecords(run: VerifyRun, { runRecords }: Inventory): Promise<CommittedRun[]> {
  const { device } = run.repository;
  const read = async ({ object, run: id }: ListedRecord): Promise<CommittedRun | undefined> => {
    const bytes = await run.readObject(object, JSON_BYTES_MAX);
    const record = bytes === undefined ? undefined : run.decode(object.key, () => decodeRunRecord(bytes, object.key));
    run.progress();
    if (record === undefined) return undefined;
    if (record.run !== id || record.device !== device) {
      run.findings.damage(object.key, 'it is the record of another run');
      return undefined;
    }
    const { committed, roots } = record;
    return committed === undefined ? undefined : { key: committed.key, landed: new Date(committed.landed), roots };
  };
  const committed: CommittedRun[] = [];
  for await (const found of mapConcurrent(runRecords, READS_AT_ONCE, read))
    if (found !== undefined) committed.push(found);
  return committed;
}
