/** A store through which some objects are seen damaged or missing, with the times of their listing unchanged. */
import { BackupError, damage } from '../../src/index.ts';
import type { ObjectKey, ObjectStore } from '../../src/index.ts';

export interface DamagedStore extends ObjectStore {
  /** From now on this object has these bytes, or is missing although it is listed. */
  setDamage(key: string, bytes: Buffer | 'missing'): void;
  /** From now on one bit of this byte is different. */
  flip(key: string, at: number): Promise<void>;
  heal(): void;
}

export function damagedStore(store: ObjectStore): DamagedStore {
  const damaged = new Map<string, Buffer | 'missing'>();
  const find = async (key: ObjectKey, bytesMax: number): Promise<Buffer | undefined> => {
    const bytes = damaged.get(key);
    if (bytes === undefined) return store.find(key, bytesMax);
    if (bytes === 'missing') return undefined;
    if (bytes.length > bytesMax) throw damage(`${key} is too long`, { key });
    return Buffer.from(bytes);
  };
  const read = async (key: ObjectKey, bytesMax: number): Promise<Buffer> => {
    const bytes = await find(key, bytesMax);
    if (bytes === undefined) throw new BackupError('OBJECT_MISSING', `${key} is missing`, { key });
    return bytes;
  };
  return {
    ...store,
    setDamage: (key, bytes) => void damaged.set(key, bytes),
    flip: async (key, at) => {
      const bytes = Buffer.from(await store.read(key as ObjectKey, Number.MAX_SAFE_INTEGER));
      bytes[at] = (bytes[at] as number) ^ (1 << (at % 8));
      damaged.set(key, bytes);
    },
    heal: () => damaged.clear(),
    find,
    read,
    readRange: async (key, offset, length) => {
      if (!damaged.has(key)) return store.readRange(key, offset, length);
      const bytes = await read(key, Number.MAX_SAFE_INTEGER);
      if (offset + length > bytes.length) throw damage(`${key} ends too early`, { key });
      return bytes.subarray(offset, offset + length);
    },
  };
}
