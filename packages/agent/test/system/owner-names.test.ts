import { expect, test } from 'vitest';
import { makeOwnerNames } from '../../src/system/owner-names.ts';
import { temporaryFolder, writeTree } from '../kit/tree.ts';

test('names and ids are those of the files; the first line of an id or name holds', () => {
  const top = temporaryFolder();
  writeTree(top, {
    passwd:
      'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n\n# note\nann:x:1000:1000:Ann,,,:/home/ann:/bin/sh\nann:x:7:7::/:\nbad:x:one:1\n+::::::\n',
    group: 'root:x:0:\nstaff:x:50:ann\n',
  });
  const names = makeOwnerNames({
    passwdFile: `${top}/passwd`,
    groupFile: `${top}/group`,
    self: { uid: 7000, name: 'from.directory' },
  });
  expect([0, 1000, 7, 7000, 1].map((uid) => names.userName(uid))).toEqual([
    'root',
    'ann',
    'ann',
    'from.directory',
    undefined,
  ]);
  expect(['root', 'toor', 'ann', 'from.directory', 'bad', '+'].map((name) => names.userId(name))).toEqual([
    0,
    0,
    1000,
    7000,
    undefined,
    undefined,
  ]);
  expect([names.groupName(50), names.groupId('staff'), names.groupName(1000)]).toEqual(['staff', 50, undefined]);
});

test('a system without such files has no names', () => {
  const top = temporaryFolder();
  const names = makeOwnerNames({ passwdFile: `${top}/none`, groupFile: `${top}/none`, self: undefined });
  expect([names.userName(0), names.groupName(0), names.userId('root'), names.groupId('root')]).toEqual(
    Array(4).fill(undefined),
  );
});
