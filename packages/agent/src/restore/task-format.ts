/**
 * What a worker is told with a segment, as bytes: the chunks wanted of it, and for each the files it goes to. A message
 * of objects for 400 small files would take longer to pass than the files take to write.
 *
 * u32 number of chunks, then per chunk: 32 bytes id, u32 offset in the segment, u32 length, u32 number of targets, then
 * per target: u32 flags; a part: u32 descriptor, f64 position; a whole file: u32 folder, mode, uid, gid, f64 mtime,
 * u32 length of the name, the name.
 */
import { PART } from './file-flags.ts';

export interface FileHead {
  readonly flags: number;
  readonly folder: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
}

export interface WholeTarget extends FileHead {
  readonly name: Uint8Array;
}

export interface PartTarget {
  readonly flags: number;
  readonly descriptor: number;
  readonly position: number;
}

export class TaskWriter {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #at = 4;
  #chunks = 0;
  #targetsAt = 0;

  chunk(id: Uint8Array, offset: number, length: number): void {
    this.#reserve(44);
    this.#bytes.set(id, this.#at);
    this.#at += 32;
    this.#u32(offset);
    this.#u32(length);
    this.#targetsAt = this.#at;
    this.#u32(0);
    this.#chunks++;
  }

  /** A target of the chunk written last. */
  whole(target: WholeTarget): void {
    this.#reserve(36 + target.name.length);
    this.#countTarget();
    this.#u32(target.flags);
    this.#u32(target.folder);
    this.#u32(target.mode);
    this.#u32(target.uid);
    this.#u32(target.gid);
    this.#at = this.#bytes.writeDoubleLE(target.mtime, this.#at);
    this.#u32(target.name.length);
    this.#bytes.set(target.name, this.#at);
    this.#at += target.name.length;
  }

  part({ flags, descriptor, position }: PartTarget): void {
    this.#reserve(16);
    this.#countTarget();
    this.#u32(flags | PART);
    this.#u32(descriptor);
    this.#at = this.#bytes.writeDoubleLE(position, this.#at);
  }

  /** The bytes, to be transferred. The writer begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    this.#bytes.writeUInt32LE(this.#chunks, 0);
    const bytes = new Uint8Array(this.#bytes.subarray(0, this.#at));
    this.#at = 4;
    this.#chunks = 0;
    return bytes;
  }

  #countTarget(): void {
    this.#bytes.writeUInt32LE(this.#bytes.readUInt32LE(this.#targetsAt) + 1, this.#targetsAt);
  }

  #u32(value: number): void {
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

export interface TaskHandler {
  /** Whether the targets of this chunk are to be told of; their numbers are counted in either case. */
  chunk(id: Buffer, offset: number, length: number): boolean;
  whole(target: WholeTarget & { readonly name: Buffer }, number: number): void;
  part(target: PartTarget, number: number): void;
}

/** Tells a handler what a task says. Targets are numbered through the task from 0. */
export function readTask(task: Uint8Array, handler: TaskHandler): void {
  const bytes = Buffer.from(task.buffer, task.byteOffset, task.byteLength);
  let at = 0;
  const u32 = (): number => bytes.readUInt32LE((at += 4) - 4);
  const f64 = (): number => bytes.readDoubleLE((at += 8) - 8);
  let number = 0;
  for (let chunks = u32(); chunks > 0; chunks--) {
    const id = bytes.subarray(at, (at += 32));
    const isWanted = handler.chunk(id, u32(), u32());
    for (let targets = u32(); targets > 0; targets--, number++) {
      const flags = u32();
      if ((flags & PART) !== 0) {
        const target = { flags, descriptor: u32(), position: f64() };
        if (isWanted) handler.part(target, number);
      } else {
        const head = { flags, folder: u32(), mode: u32(), uid: u32(), gid: u32(), mtime: f64() };
        const nameBytes = u32();
        const name = bytes.subarray(at, (at += nameBytes));
        if (isWanted) handler.whole({ ...head, name }, number);
      }
    }
  }
}
