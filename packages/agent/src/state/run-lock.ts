/**
 * One run of a device at a time on this machine, and in a local repository one of any machine. The lock is a file that
 * names its holder; it is made whole (by a link) or not at all. One whose holder has ended is taken over: whoever
 * creates the file named after the stale lock's content may replace that lock, and nobody else, so two takers cannot
 * both win. A lock of another machine is never taken over.
 */
import { hash } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { BackupError, isNodeError, makeFolders } from '@backup-agent/core';
import type { ProcessTable } from './processes.ts';

/** A lock is renewed so often, by its mtime. */
const RENEW_MS = 60_000;
/** Whether a process in another container still runs only its renewals tell. */
const RENEWAL_MISSED_MS = 10 * RENEW_MS;
/** A lock that cannot be read may be one that is just being written, on a file system without links. */
const UNREADABLE_MS = 60_000;
const ATTEMPTS_MAX = 20;

const holderSchema = z.object({
  machine: z.string(),
  host: z.string(),
  process: z.object({
    pid: z.int().positive(),
    boot: z.string().optional(),
    started: z.string().optional(),
    space: z.string().optional(),
    seen: z.string(),
  }),
  /** Makes each lock's content unique. */
  nonce: z.string(),
});
type Holder = z.output<typeof holderSchema>;

export interface RunLockDeps {
  /** As machineId gives it. */
  readonly machine: string;
  readonly host: string;
  readonly processes: ProcessTable;
  readonly random: (bytes: number) => Uint8Array;
  /** For file systems without links, in tests. */
  readonly link?: typeof fs.linkSync;
}

export interface RunLock {
  /** Aborted with RUN_ACTIVE if the lock was taken from us, as can happen to a process that was stopped for long. */
  readonly lost: AbortSignal;
  release(): void;
}

/** Takes the lock. Throws RUN_ACTIVE, naming the holder, if somebody has it; Node's errors for a folder that refuses. */
export function takeRunLock(file: string, deps: RunLockDeps): RunLock {
  makeFolders(path.dirname(file), 0o700);
  const text = `${JSON.stringify(holderOf(deps))}\n`;
  new LockFile(file, text, deps).claim(file);
  return hold(file, text, deps);
}

const holderOf = ({ machine, host, processes, random }: RunLockDeps): Holder => ({
  machine,
  host,
  process: processes.self,
  nonce: Buffer.from(random(16)).toString('hex'),
});

class LockFile {
  readonly #text: string;
  readonly #folder: string;
  readonly #deps: RunLockDeps;

  constructor(file: string, text: string, deps: RunLockDeps) {
    this.#text = text;
    this.#folder = path.dirname(file);
    this.#deps = deps;
  }

  /** Makes `file` ours: creates it, or replaces it if it is stale. */
  claim(file: string): void {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (this.#create(file)) return;
      const seen = readLock(file);
      if (seen === undefined) continue; // Released in between.
      if (!this.#isStale(seen)) throw runActive(file, seen, this.#deps.machine);
      const right = `${file}.${hash('sha256', seen.text).slice(0, 16)}`;
      this.claim(right);
      try {
        // Whoever had the right before may have used it already.
        if (readLock(file)?.text !== seen.text) continue;
        fs.renameSync(this.#temporary(), file);
        return;
      } finally {
        fs.rmSync(right, { force: true });
      }
    }
    throw new BackupError('RUN_ACTIVE', `other runs keep taking the lock ${file}`, { hint: 'try again' });
  }

  /** Whether the file was not there and now is. */
  #create(file: string): boolean {
    const temporary = this.#temporary();
    try {
      (this.#deps.link ?? fs.linkSync)(temporary, file);
      return true;
    } catch (error) {
      if (isNodeError(error, 'EEXIST')) return false;
      if (!isNodeError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EISDIR')) throw error;
      return createWithoutLink(file, this.#text);
    } finally {
      fs.rmSync(temporary, { force: true });
    }
  }

  /** A file with our content, under a name that a local repository clears away if we die. */
  #temporary(): string {
    const file = path.join(this.#folder, `${Buffer.from(this.#deps.random(16)).toString('hex')}.part`);
    fs.writeFileSync(file, this.#text, { flag: 'wx', mode: 0o600 });
    return file;
  }

  #isStale(lock: SeenLock): boolean {
    const { holder } = lock;
    const age = (): number => this.#ageMs(lock);
    if (holder === undefined) return age() > UNREADABLE_MS;
    if (holder.machine !== this.#deps.machine) return false;
    const { boot, started, space, ...process } = holder.process;
    const state = this.#deps.processes.state({ ...process, boot, started, space });
    return state === 'gone' || (state === 'unknown' && age() > RENEWAL_MISSED_MS);
  }

  /** By the clock of the file system that the lock is on. */
  #ageMs({ renewed }: SeenLock): number {
    const temporary = this.#temporary();
    try {
      return fs.statSync(temporary).mtimeMs - +renewed;
    } finally {
      fs.rmSync(temporary, { force: true });
    }
  }
}

function createWithoutLink(file: string, text: string): boolean {
  try {
    fs.writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (isNodeError(error, 'EEXIST')) return false;
    throw error;
  }
}

interface SeenLock {
  readonly text: string;
  /** Undefined: not written to the end, or by something else. */
  readonly holder: Holder | undefined;
  readonly renewed: Date;
}

function readLock(file: string): SeenLock | undefined {
  try {
    const text = fs.readFileSync(file, 'utf8');
    return { text, holder: parseHolder(text), renewed: fs.statSync(file).mtime };
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function runActive(file: string, { holder, renewed }: SeenLock, machine: string): BackupError {
  if (holder === undefined)
    return new BackupError('RUN_ACTIVE', `another run is just beginning (${file})`, { hint: 'try again in a minute' });
  const { pid, seen } = holder.process;
  const since = `since ${seen.slice(0, 16).replace('T', ' ')} UTC`;
  if (holder.machine === machine)
    return new BackupError('RUN_ACTIVE', `another run of this device is active: process ${pid}, ${since}`, {
      hint: 'wait until it has ended',
    });
  const sign = `${renewed.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return new BackupError('RUN_ACTIVE', `another run is active on ${holder.host}: process ${pid}, ${since}`, {
    hint: `its last sign of life is of ${sign}; if that computer does not back up any more, delete ${file}`,
  });
}

function hold(file: string, text: string, deps: RunLockDeps): RunLock {
  const lost = new AbortController();
  const timer = setInterval(() => {
    try {
      if (!renew(file, text, deps))
        lost.abort(
          new BackupError('RUN_ACTIVE', 'another run took over while this one was stopped', {
            hint: 'what was uploaded is kept; run again when the other has ended',
          }),
        );
    } catch (error) {
      // A repository that cannot be reached now makes the run itself fail, or comes back.
      if (!isNodeError(error)) throw error;
    }
  }, RENEW_MS);
  timer.unref();
  return {
    lost: lost.signal,
    release() {
      clearInterval(timer);
      if (readLock(file)?.text !== text) return;
      // Nobody can use a right to an older lock while this one is there.
      for (const right of rightsBeside(file)) fs.rmSync(right, { force: true });
      fs.rmSync(file, { force: true });
    },
  };
}

/** What takers that died left behind. */
function rightsBeside(file: string): string[] {
  const { dir, base } = path.parse(file);
  return fs
    .readdirSync(dir)
    .filter((name) => name.startsWith(`${base}.`) && /(?:\.[0-9a-f]{16})+$/.test(name))
    .map((name) => path.join(dir, name));
}

/** Sets the mtime by the clock of the file system, for the same bytes are written again. Whether the lock is ours. */
function renew(file: string, text: string, deps: RunLockDeps): boolean {
  const seen = readLock(file);
  if (seen === undefined) {
    // Somebody deleted it; unless another run was quicker, it is ours again.
    try {
      new LockFile(file, text, deps).claim(file);
      return true;
    } catch (error) {
      if (error instanceof BackupError) return false;
      throw error;
    }
  }
  if (seen.text !== text) return false;
  const descriptor = fs.openSync(file, 'r+');
  try {
    fs.writeSync(descriptor, text, 0);
  } finally {
    fs.closeSync(descriptor);
  }
  return true;
}
