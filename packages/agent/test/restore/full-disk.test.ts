import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, test } from 'vitest';
import { RepositoryBuilder, skippedSuite } from '@backup-agent/core/test-kit';
import { restoreInto } from '../kit/restore-bench.ts';

const disk = fs.mkdtempSync(`${tmpdir()}/backup-agent-test-`);

/** Whether a disk of 4 MiB could be mounted. */
function mountSmallDisk(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // A container without the right to mount.
  }
}

if (mountSmallDisk()) describe('on a disk of 4 MiB', describeFullDisk);
else {
  fs.rmdirSync(disk);
  skippedSuite('a restore onto a full disk', 'a small disk can only be mounted by root on Linux');
}

function describeFullDisk(): void {
  afterAll(() => {
    execFileSync('umount', [disk]);
    fs.rmdirSync(disk);
  });

  test.each([
    ['small files', Array.from({ length: 100 }, (_, n) => ({ path: `f${n}`, content: randomBytes(100_000) }))],
    ['a large file', [{ path: 'large', content: randomBytes(9_000_000) }]],
  ])('%s that do not fit: one sentence, and no half file is left', async (_, files) => {
    const builder = new RepositoryBuilder({ segmentBytes: 1 << 20 });
    await builder.snapshot(files);
    await expect(restoreInto(builder.repository, `${disk}/target`)).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/^no space is left in .*target; \d+ files had been restored$/) as string,
    });
    const contents = new Map(files.map(({ path, content }) => [path, content]));
    for (const name of fs.readdirSync(`${disk}/target`))
      expect(fs.readFileSync(`${disk}/target/${name}`).equals(contents.get(name) ?? Buffer.alloc(0))).toBe(true);
    fs.rmSync(`${disk}/target`, { recursive: true });
  });
}
