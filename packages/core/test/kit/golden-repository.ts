/**
 * The repository of test/fixtures/repository-v1: small enough to be looked at byte by byte (docs/repository-format.md
 * does so with its first pack), with every kind of object and of entry in it. It must stay readable for ever.
 */
import { encodeMarks, marksKey, parseDeviceId, parseRunId, pathFromBytes } from '../../src/index.ts';
import { GoldenBuilder } from './golden-builder.ts';
import type { EntrySketch } from './golden-builder.ts';
import type { Seal } from './golden-packs.ts';
import { goldenSystem } from './golden-system.ts';
import { pseudoRandomBytes } from './pseudo-random.ts';

export const GOLDEN_DEVICE = parseDeviceId('desk-1');
export const GOLDEN_RUNS = [parseRunId('20260105T080000Z-0a1b2c3d'), parseRunId('20260106T080000Z-4e5f6071')] as const;

const DOCUMENTS = { path: '/home/ada/Documents', label: 'Documents', state: 'walked' } as const;
const NOTES = { path: '/srv/notes', label: 'notes', state: 'walked' } as const;
const MACHINE = {
  id: '2f1c7f5e0d3a4b52',
  host: 'desk-1.example',
  user: 'ada',
  system: 'linux 6.1 x64',
  agent: 'backup-agent 0.1.0',
};
const OWNER = { uid: 1000, gid: 100, user: 'ada', group: 'users' };

const letter = (name: string): Buffer => Buffer.from(`Dear ${name},\nthank you, thank you, thank you!\n`);
const LINKED = { link: '2049:131', inode: '131' };
/** A file of 40,000 bytes in chunks of 1,000: enough for its ids to make a list, as those of a large file do. */
const LARGE = pseudoRandomBytes(7, 40_000);

const MONDAY: readonly EntrySketch[] = [
  { path: '', kind: 'folder', ...OWNER },
  { path: 'ada.txt', kind: 'file', bytes: letter('Ada'), ...OWNER, mtime: '1767600000123456789' },
  { path: 'bob.txt', kind: 'file', bytes: letter('Bob'), ...OWNER, mode: 0o600 },
  { path: 'dice.bin', kind: 'file', bytes: pseudoRandomBytes(1, 16), ...OWNER },
];

const TUESDAY: readonly EntrySketch[] = [
  ...MONDAY,
  { path: 'a', kind: 'folder', ...OWNER, mode: 0o2750 },
  { path: 'a/copy of ada.txt', kind: 'file', bytes: letter('Ada'), ...OWNER },
  { path: 'a-b', kind: 'symlink', target: 'a/copy of ada.txt', ...OWNER },
  { path: 'dangling', kind: 'symlink', target: pathFromBytes(Buffer.from('caf\xe9', 'latin1')), ...OWNER },
  { path: pathFromBytes(Buffer.from('caf\xe9', 'latin1')), kind: 'file', bytes: Buffer.from('not UTF-8\n'), ...OWNER },
  { path: 'café', kind: 'file', bytes: Buffer.from('UTF-8\n'), ...OWNER, mtime: '-1' },
  { path: 'empty', kind: 'file', ...OWNER },
  { path: 'holes.img', kind: 'file', bytes: Buffer.alloc(100_000), sparse: true, ...OWNER },
  { path: 'large.bin', kind: 'file', bytes: LARGE, chunkBytes: 1000, asLists: true, ...OWNER, racy: true },
  { path: 'link 1', kind: 'file', bytes: Buffer.from('two names, one file\n'), ...LINKED, ...OWNER },
  { path: 'link 2', kind: 'file', bytes: Buffer.from('two names, one file\n'), ...LINKED, ...OWNER },
  { path: 'new\nline', kind: 'file', bytes: Buffer.from('x'), ...OWNER, changedWhileRead: true },
  { path: 'pipe', kind: 'fifo', ...OWNER },
  {
    path: 'tagged',
    kind: 'file',
    bytes: Buffer.from('tagged\n'),
    ...OWNER,
    xattrs: {
      'user.colour': Buffer.from('blue').toString('base64'),
      'system.posix_acl_access': 'AgAAAAEABgD/////AgAEAAEAAAAEAAQA/////xAABAD/////IAAAAP////8=',
    },
    unreadableSince: '2026-01-06T08:00:00.000Z',
  },
  { root: 1, path: '', kind: 'folder', ...OWNER },
  { root: 1, path: 'a', kind: 'file', bytes: Buffer.from('notes\n'), ...OWNER },
];

/** All objects by key. `seal` replaces the compressor: another version of zstd makes other frames. */
export function goldenRepository(seal?: Seal): ReadonlyMap<string, Buffer> {
  const builder = new GoldenBuilder('2026-01-05T07:55:00.000Z', seal);
  const common = { device: GOLDEN_DEVICE, machine: MACHINE };
  const [monday, tuesday] = GOLDEN_RUNS;
  builder.addSnapshot({
    ...common,
    run: monday,
    roots: [DOCUMENTS],
    entries: MONDAY,
    time: '2026-01-05T08:00:10.000Z',
  });
  builder.addSnapshot({
    ...common,
    run: tuesday,
    roots: [DOCUMENTS, NOTES],
    entries: TUESDAY,
    time: '2026-01-06T08:00:10.000Z',
    asPageLists: true,
  });
  for (const [key, bytes] of goldenSystem(GOLDEN_DEVICE, GOLDEN_RUNS)) builder.objects.set(key, bytes);
  builder.objects.set(
    marksKey(GOLDEN_DEVICE, 1),
    encodeMarks({
      version: 1,
      sequence: 1,
      marks: [
        { pack: `data/${monday}/00007`, state: 'dead', since: null },
        { pack: `meta/${monday}/00003`, state: 'retiring', since: '2026-01-05T23:00:00.000Z' },
      ],
    }),
  );
  return builder.objects;
}
