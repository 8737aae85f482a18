/** Gives a process a part of a CPU, as Lambda does, where this system has control groups that we may write. */
import fs from 'node:fs';

export interface CpuLimit {
  /** False: this system cannot, and the process runs at full speed. */
  readonly holds: boolean;
  /** After the process has ended. */
  readonly remove: () => void;
}

const PERIOD_US = 100_000;

export function limitCpu(pid: number, share: number): CpuLimit {
  const group = `/sys/fs/cgroup/cpu/measure-nights-${pid}`;
  const remove = (): void => {
    if (fs.existsSync(group)) fs.rmdirSync(group);
  };
  try {
    fs.mkdirSync(group);
    fs.writeFileSync(`${group}/cpu.cfs_period_us`, String(PERIOD_US));
    fs.writeFileSync(`${group}/cpu.cfs_quota_us`, String(Math.round(PERIOD_US * share)));
    fs.writeFileSync(`${group}/cgroup.procs`, String(pid));
    return { holds: true, remove };
  } catch {
    return { holds: false, remove };
  }
}
