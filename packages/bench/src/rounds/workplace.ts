import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { totalsOf } from '../corpus/walk-tree.ts';
import { removeUnder, storedUnder, type BucketLocation, type Stored } from '../s3/bucket.ts';
import type { Place, Tool } from '../tools/tool.ts';

/** A tool with a repository of its own for one round. */
export interface Workplace {
  readonly tool: Tool;
  readonly place: Place;
  /** Makes it a place for a first backup: without repository, state and caches. */
  clear(): Promise<void>;
  /** Leaves nothing behind. */
  remove(): Promise<void>;
  /** What the repository holds now. */
  stored(): Promise<Stored>;
}

/** A repository in a folder. */
export function localWorkplace(tool: Tool, folder: string): Workplace {
  const repository = path.join(folder, 'repository');
  const stateFolder = path.join(folder, 'state');
  const remove = () => rm(folder, { recursive: true, force: true });
  return {
    tool,
    place: { repository: { kind: 'local', folder: repository }, stateFolder },
    remove,
    async clear() {
      await remove();
      await mkdir(stateFolder, { recursive: true });
    },
    stored() {
      const { files, bytes } = totalsOf(repository);
      return Promise.resolve({ objects: files, bytes });
    },
  };
}

export interface S3Workplace {
  readonly bucket: BucketLocation;
  readonly prefix: string;
  /** Where the tool sends its requests: the bucket's own endpoint, or the forwarder before it. */
  readonly endpoint: string;
  /** For the tool's state. */
  readonly folder: string;
}

/** A repository under a prefix of a bucket. */
export function s3Workplace(tool: Tool, at: S3Workplace, now: () => Date): Workplace {
  const { bucket, prefix, endpoint, folder } = at;
  const remove = async () => {
    await removeUnder(`${prefix}/`, bucket, now);
    await rm(folder, { recursive: true, force: true });
  };
  return {
    tool,
    place: { repository: { kind: 's3', ...bucket, prefix, endpoint }, stateFolder: folder },
    remove,
    async clear() {
      await remove();
      await mkdir(folder, { recursive: true });
    },
    stored: () => storedUnder(`${prefix}/`, bucket, now),
  };
}
