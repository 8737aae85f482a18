/** Every pack that a listing, an index segment or a snapshot names, with what is known of it. */
import { isArchiveClass, packKey, packText } from '@backup-agent/core';
import type { DeviceId, ListedPack, ObjectInfo, ObjectKey, PackPlace, SnapshotName } from '@backup-agent/core';

/** What an index segment says of a pack. */
export interface PackTeller {
  /** The index segment's key. */
  readonly key: ObjectKey;
  /** Hash over what it says of the pack's chunks; undefined if no data is to be read. */
  readonly digest: string | undefined;
}

/**
 * Which of the pack's chunks are not there. `all`: the pack is missing or cannot be understood; `perhaps`: it is
 * not as its index segment says, and was not read.
 */
export type Loss = 'nothing' | 'perhaps' | 'all' | ReadonlySet<number>;

export interface KnownPack extends PackPlace {
  /** Position in the book. */
  readonly id: number;
  readonly key: ObjectKey;
  /** Undefined: no listing shows it. */
  listed: ObjectInfo | undefined;
  readonly tellers: PackTeller[];
  /** Its ETag is not the one that the uploader saw. */
  hasOtherEtag: boolean;
  /** Of the snapshots that are checked, newest first. */
  readonly namedBy: SnapshotName[];
  loss: Loss;
  /** Every byte of it was, and `loss` is certain. */
  isRead: boolean;
}

export class PackBook {
  readonly all: KnownPack[] = [];
  readonly #device: DeviceId;
  readonly #byName = new Map<string, KnownPack>();

  constructor(device: DeviceId) {
    this.#device = device;
  }

  find(pack: PackPlace): KnownPack | undefined {
    return this.#byName.get(packText(pack));
  }

  /** The pack, entered if it is new. */
  get(pack: PackPlace): KnownPack {
    const known = this.find(pack);
    if (known !== undefined) return known;
    const { kind, run, number } = pack;
    const entered: KnownPack = {
      kind,
      run,
      number,
      id: this.all.length,
      key: packKey(this.#device, pack),
      listed: undefined,
      tellers: [],
      hasOtherEtag: false,
      namedBy: [],
      loss: 'nothing',
      isRead: false,
    };
    this.#byName.set(packText(pack), entered);
    this.all.push(entered);
    return entered;
  }

  addListed(packs: readonly ListedPack[]): void {
    for (const pack of packs) this.get(pack).listed ??= pack.object;
  }
}

/** Whether it would have to be thawed before it can be read. */
export const isArchived = ({ listed }: KnownPack): boolean => isArchiveClass(listed?.storageClass);

/** Whether the pack is lost, and nothing tells what was in it. */
export const isUnknown = ({ loss, tellers }: KnownPack): boolean => loss === 'all' && tellers.length === 0;

/** Whether nothing tells what is or was in it: it is lost, or lies in an archive. */
export const isUntold = ({ loss, tellers }: KnownPack): boolean =>
  tellers.length === 0 && (loss === 'all' || loss === 'perhaps');

/** Notes that the pack lacks a chunk of the chunk book. */
export function loseChunk(pack: KnownPack, entry: number): void {
  if (pack.loss === 'all' || pack.loss === 'perhaps') return;
  pack.loss = new Set(pack.loss === 'nothing' ? [entry] : [...pack.loss, entry]);
}

/** As readers of packs take it. */
export const asListed = ({ kind, run, number }: PackPlace, object: ObjectInfo): ListedPack => ({
  kind,
  run,
  number,
  object,
});
