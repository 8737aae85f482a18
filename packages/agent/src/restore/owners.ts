/** Which owner, group and mode an entry can get from whoever restores. */
import type { CatalogEntry } from '@backup-agent/core';
import { OWNER_AS_IS } from './file-flags.ts';
import type { RestoreSystem } from './job.ts';

export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  /** Without setuid or setgid where it would act for somebody else than it did. */
  readonly mode: number;
  /** The owner or group cannot be restored. */
  readonly isChanged: boolean;
}

const SETUID = 0o4000;
const SETGID = 0o2000;

/** `inheritsGroup`: new files may get another group than the process has. */
export function ownershipOf(
  entry: Pick<CatalogEntry, 'uid' | 'gid' | 'mode'>,
  system: RestoreSystem,
  inheritsGroup: boolean,
): Ownership {
  const { uid, gid, groups } = system;
  if (uid === undefined || gid === undefined)
    return { uid: OWNER_AS_IS, gid: OWNER_AS_IS, mode: entry.mode, isChanged: false };
  const ownerFits = uid === 0 || entry.uid === uid;
  const groupFits = uid === 0 || entry.gid === gid || groups.includes(entry.gid);
  const mode = entry.mode & ~(ownerFits ? 0 : SETUID) & ~(groupFits ? 0 : SETGID);
  return {
    uid: ownerFits && entry.uid !== uid ? entry.uid : OWNER_AS_IS,
    gid: groupFits && (inheritsGroup || entry.gid !== gid) ? entry.gid : OWNER_AS_IS,
    mode,
    isChanged: !ownerFits || !groupFits,
  };
}
