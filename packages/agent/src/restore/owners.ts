/** Which owner, group and mode an entry can get from whoever restores. */
import type { CatalogEntry } from '@backup-agent/core';
import { OWNER_AS_IS } from './file-flags.ts';
import type { RestoreDeps, RestoreSystem } from './job.ts';

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

export interface OwnershipRules {
  readonly system: RestoreSystem;
  readonly owners: RestoreDeps['owners'];
  /** New files may get another group than the process has. */
  readonly inheritsGroup: boolean;
}

export function ownershipOf(
  entry: Pick<CatalogEntry, 'uid' | 'gid' | 'user' | 'group' | 'mode'>,
  { system, owners, inheritsGroup }: OwnershipRules,
  options: { readonly isNew: boolean } = { isNew: true },
): Ownership {
  const { uid, gid, groups } = system;
  if (uid === undefined || gid === undefined)
    return { uid: OWNER_AS_IS, gid: OWNER_AS_IS, mode: entry.mode, isChanged: false };
  const owner = (entry.user === undefined ? undefined : owners.userId(entry.user)) ?? entry.uid;
  const group = (entry.group === undefined ? undefined : owners.groupId(entry.group)) ?? entry.gid;
  const ownerFits = uid === 0 || owner === uid;
  const groupFits = uid === 0 || group === gid || groups.includes(group);
  // What is new belongs to whoever makes it; what is there may belong to anybody, and only root can change that.
  const mustSet = !options.isNew && uid === 0;
  const mode = entry.mode & ~(ownerFits ? 0 : SETUID) & ~(groupFits ? 0 : SETGID);
  return {
    uid: ownerFits && (mustSet || owner !== uid) ? owner : OWNER_AS_IS,
    gid: groupFits && (mustSet || inheritsGroup || group !== gid) ? group : OWNER_AS_IS,
    mode,
    isChanged: !ownerFits || !groupFits,
  };
}
