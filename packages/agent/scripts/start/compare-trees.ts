/** Compares two trees by itself, without any code of the agent: that is what makes it a proof. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';

export interface Comparison {
  readonly files: number;
  readonly bytes: number;
  /** What differs, a sentence each, the first hundred. */
  readonly differences: readonly string[];
  readonly differenceCount: number;
  /** Changed on the disk since `since`: no fault of the restore. */
  readonly changedSince: number;
}

export interface CompareOptions {
  /** When the backup began, ms since 1970. */
  readonly since: number;
  /** Windows has no modes, and other users' files can be given away by root only. */
  readonly modes: boolean;
  readonly owners: boolean;
}

/** Content, kind, size, modification time (to the microsecond), mode, owner, targets of links and hard links. */
export function compareTrees(original: string, restored: string, options: CompareOptions): Comparison {
  return new TreeComparison(options).run(Buffer.from(original), Buffer.from(restored));
}

const DIFFERENCES_MAX = 100;
const BLOCK_BYTES = 4 * 1024 ** 2;

class TreeComparison {
  readonly #options: CompareOptions;
  readonly #differences: string[] = [];
  /** Files with several names: which restored file stands for which original. */
  readonly #hardLinks = new Map<string, string>();
  #differenceCount = 0;
  #changedSince = 0;
  #files = 0;
  #bytes = 0;

  constructor(options: CompareOptions) {
    this.#options = options;
  }

  run(original: Buffer, restored: Buffer): Comparison {
    this.#compare(original, restored, undefined);
    return {
      files: this.#files,
      bytes: this.#bytes,
      differences: this.#differences,
      differenceCount: this.#differenceCount,
      changedSince: this.#changedSince,
    };
  }

  /** `above`: the original's folder, which tells when a file was deleted that is no longer there. */
  #compare(original: Buffer, restored: Buffer, above: fs.BigIntStats | undefined): void {
    const [a, b] = [lstat(original), lstat(restored)];
    if (a === undefined && b === undefined) return;
    if (a !== undefined && isTransient(a)) return; // Sockets and devices are not backed up.
    const what = differenceOf(original, a, restored, b, this.#options);
    if (what !== undefined) this.#tell(original, a ?? above, what);
    if (a === undefined || b === undefined) return;
    if (a.isFile() && b.isFile()) this.#compareFile(original, a, restored, b);
    if (a.isDirectory() && b.isDirectory())
      for (const name of namesOfBoth(original, restored)) this.#compare(join(original, name), join(restored, name), a);
  }

  #compareFile(original: Buffer, a: fs.BigIntStats, restored: Buffer, b: fs.BigIntStats): void {
    this.#files++;
    this.#bytes += Number(a.size);
    if (a.size === b.size && !hashOf(original).equals(hashOf(restored))) this.#tell(original, a, 'other content');
    if (a.nlink < 2n) return;
    const own = `${b.dev}:${b.ino}`;
    const before = this.#hardLinks.get(`${a.dev}:${a.ino}`);
    if (before !== undefined && before !== own) this.#tell(original, a, 'no longer the same file as its other names');
    this.#hardLinks.set(`${a.dev}:${a.ino}`, own);
  }

  #tell(place: Buffer, original: fs.BigIntStats | undefined, what: string): void {
    if (original !== undefined && Number(original.ctimeMs) >= this.#options.since) {
      this.#changedSince++;
      return;
    }
    this.#differenceCount++;
    if (this.#differences.length < DIFFERENCES_MAX) this.#differences.push(`${place.toString()}: ${what}`);
  }
}

function differenceOf(
  original: Buffer,
  a: fs.BigIntStats | undefined,
  restored: Buffer,
  b: fs.BigIntStats | undefined,
  { modes, owners }: CompareOptions,
): string | undefined {
  if (a === undefined) return 'was restored, but is not there';
  if (b === undefined) return 'was not restored';
  if ((a.mode & 0o170000n) !== (b.mode & 0o170000n)) return 'another kind of file';
  if (a.isFile() && a.size !== b.size) return `${a.size} bytes, restored ${b.size}`;
  if (a.isSymbolicLink() && !fs.readlinkSync(original, 'buffer').equals(fs.readlinkSync(restored, 'buffer')))
    return 'leads elsewhere';
  if (microseconds(a) - microseconds(b) > 1n || microseconds(b) - microseconds(a) > 1n)
    return `modified ${a.mtime.toISOString()}, restored ${b.mtime.toISOString()}`;
  if (modes && !a.isSymbolicLink() && (a.mode & 0o7777n) !== (b.mode & 0o7777n))
    return `mode ${(a.mode & 0o7777n).toString(8)}, restored ${(b.mode & 0o7777n).toString(8)}`;
  if (owners && (a.uid !== b.uid || a.gid !== b.gid)) return 'another owner';
  return undefined;
}

const microseconds = (stat: fs.BigIntStats): bigint => stat.mtimeNs / 1000n;
const isTransient = (stat: fs.BigIntStats): boolean =>
  stat.isSocket() || stat.isBlockDevice() || stat.isCharacterDevice();
const lstat = (place: Buffer): fs.BigIntStats | undefined =>
  fs.lstatSync(place, { bigint: true, throwIfNoEntry: false });
const join = (folder: Buffer, name: string): Buffer =>
  Buffer.concat([folder, Buffer.from('/'), Buffer.from(name, 'latin1')]);

/** As bytes in latin1, for names need not be UTF-8. */
const namesOfBoth = (a: Buffer, b: Buffer): Set<string> =>
  new Set([a, b].flatMap((folder) => fs.readdirSync(folder, 'buffer').map((name) => name.toString('latin1'))));

function hashOf(file: Buffer): Buffer {
  const hash = createHash('sha256');
  const descriptor = fs.openSync(file, 'r');
  try {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    for (let read = 1; read > 0;) {
      read = fs.readSync(descriptor, block);
      hash.update(block.subarray(0, read));
    }
  } finally {
    fs.closeSync(descriptor);
  }
  return hash.digest();
}
