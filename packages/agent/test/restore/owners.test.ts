import { expect, test } from 'vitest';
import { OWNER_AS_IS as KEEP } from '../../src/restore/file-flags.ts';
import { ownershipOf } from '../../src/restore/owners.ts';

const ids: Record<string, number> = { ann: 1000, bob: 1001 };
const owners = { userId: (name: string) => ids[name], groupId: (name: string) => ids[name] };
const root = { platform: 'linux', uid: 0, gid: 0, groups: [0] } as const;
const ann = { platform: 'linux', uid: 1000, gid: 1000, groups: [1000, 50] } as const;
const windows = { platform: 'win32', uid: undefined, gid: undefined, groups: [] } as const;
const entry = (uid: number, gid: number, mode = 0o6755) => ({ uid, gid, mode });

test.each([
  ['root gives files away', root, entry(1000, 50), { uid: 1000, gid: 50, mode: 0o6755, isChanged: false }],
  ['root keeps its own', root, entry(0, 0), { uid: KEEP, gid: KEEP, mode: 0o6755, isChanged: false }],
  [
    'a name counts more than a number',
    root,
    { ...entry(7, 7), user: 'bob', group: 'bob' },
    { uid: 1001, gid: 1001, mode: 0o6755, isChanged: false },
  ],
  [
    'a name not known here leaves the number',
    root,
    { ...entry(7, 8), user: 'eve' },
    { uid: 7, gid: 8, mode: 0o6755, isChanged: false },
  ],
  ['a user keeps their own', ann, entry(1000, 1000), { uid: KEEP, gid: KEEP, mode: 0o6755, isChanged: false }],
  [
    'a user may give files to a group of theirs',
    ann,
    entry(1000, 50),
    { uid: KEEP, gid: 50, mode: 0o6755, isChanged: false },
  ],
  [
    'a program of another user does not act for the one who restores',
    ann,
    entry(0, 0),
    { uid: KEEP, gid: KEEP, mode: 0o755, isChanged: true },
  ],
  [
    'Windows has no owners of this kind',
    windows,
    entry(1000, 50, 0o644),
    { uid: KEEP, gid: KEEP, mode: 0o644, isChanged: false },
  ],
])('%s', (_, system, from, expected) =>
  expect(ownershipOf(from, { system, owners, inheritsGroup: false })).toEqual(expected),
);

test('where new files take the group of their folder, the group is always set', () => {
  expect(ownershipOf(entry(1000, 1000), { system: ann, owners, inheritsGroup: true })).toMatchObject({ gid: 1000 });
});

test("what is there already may be somebody else's: root sets its own owner too, a user cannot", () => {
  const inPlace = { isNew: false };
  expect(ownershipOf(entry(0, 0), { system: root, owners, inheritsGroup: false }, inPlace)).toMatchObject({
    uid: 0,
    gid: 0,
  });
  expect(ownershipOf(entry(1000, 1000), { system: ann, owners, inheritsGroup: false }, inPlace)).toMatchObject({
    uid: KEEP,
    gid: KEEP,
  });
});
