import { readFileSync, readdirSync } from 'node:fs';

const KiB = 1024;
/** The unit of CPU times in /proc: the kernel shows 1/100 s on every architecture that Node runs on (USER_HZ). */
const TICK_MS = 10;

/**
 * CPU time, user and system together, of all children that this process has waited for, and of those they waited for,
 * in ms. Undefined where there is no /proc (other systems than Linux).
 */
export function childrenCpuMs(): number | undefined {
  const stat = readProc('/proc/self/stat');
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses, which may hold spaces: cutime is field 16, cstime 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

/** Watches the memory of a process and all its descendants. */
export interface MemoryWatch {
  sample(): void;
  /** The most seen so far, in bytes; undefined if there was nothing to see. */
  peakBytes(): number | undefined;
}

/**
 * The peak is the larger of two figures: the kernel's own high-water mark of any one process (exact, but for what the
 * process grows after the last sample), and the largest sum of what all processes of the tree held at one sample.
 */
export function watchMemory(rootPid: number): MemoryWatch {
  let peakBytes: number | undefined;
  const note = (bytes: number) => (peakBytes = Math.max(peakBytes ?? 0, bytes));
  return {
    sample() {
      let sumBytes = 0;
      for (const pid of descendants(rootPid)) {
        const status = readProc(`/proc/${pid}/status`) ?? '';
        if (pid === rootPid || !isFork(pid, status)) sumBytes += numberIn(status, 'VmRSS') * KiB;
        note(numberIn(status, 'VmHWM') * KiB);
      }
      if (sumBytes > 0) note(sumBytes);
    },
    peakBytes: () => (peakBytes === 0 ? undefined : peakBytes),
  };
}

/** Whether a process is still the copy of its parent that fork made: the memory that it shows is its parent's. */
function isFork(pid: number, status: string): boolean {
  const own = readProc(`/proc/${pid}/cmdline`);
  return own !== undefined && own === readProc(`/proc/${numberIn(status, 'PPid')}/cmdline`);
}

function* descendants(pid: number): Generator<number> {
  yield pid;
  for (const thread of readThreads(pid)) {
    const children = readProc(`/proc/${pid}/task/${thread}/children`) ?? '';
    for (const child of children.split(' ')) if (child !== '') yield* descendants(Number(child));
  }
}

function readThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    // The process has ended, or this system has no /proc: there is nothing to see.
    return [];
  }
}

function readProc(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // As above: a process may end between any two reads (ENOENT, ESRCH).
    return undefined;
  }
}

const numberIn = (status: string, field: string) =>
  Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0);
