import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findProfiles, withProfile } from '../../src/enroll/aws-config-text.ts';

const VALUES = new Map([
  ['credential_process', '"/usr/bin/helper" go'],
  ['region', 'us-west-2'],
]);
const OURS = 'credential_process = "/usr/bin/helper" go\nregion = us-west-2\n';

const put = (text: string, name = 'backup-agent'): string =>
  withProfile(text, { name, values: VALUES, former: findProfiles(text, name)[0] });

test.each([
  ['a new file', '', `[profile backup-agent]\n${OURS}`],
  [
    'after other sections, apart by an empty line',
    '[default]\nregion = eu-west-1\n',
    `[default]\nregion = eu-west-1\n\n[profile backup-agent]\n${OURS}`,
  ],
  [
    'after a last line that has no end',
    '[default]\nregion = a',
    `[default]\nregion = a\n\n[profile backup-agent]\n${OURS}`,
  ],
  [
    'in place of the former one; a comment before the next section is that section’s',
    '# mine\n[profile backup-agent]\nregion = x\n\n# other\n[profile other]\nregion = y\n',
    `# mine\n[profile backup-agent]\n${OURS}\n# other\n[profile other]\nregion = y\n`,
  ],
  [
    'comments within the section stay',
    '[profile backup-agent]\n# since March\nregion = x\n; and so on\ncredential_process = y\n',
    `[profile backup-agent]\n# since March\n; and so on\n${OURS}`,
  ],
  [
    'nested values of the former one go with it',
    '[profile backup-agent]\ns3 =\n  max_queue_size = 5\n[profile z]\n',
    `[profile backup-agent]\n${OURS}[profile z]\n`,
  ],
  [
    'a section without anything',
    '[profile backup-agent]\n\n[profile z]\n',
    `[profile backup-agent]\n${OURS}\n[profile z]\n`,
  ],
  [
    'names that only begin alike are others',
    '[profile backup-agent-2]\nregion = x\n[sso-session backup-agent]\na = b\n[backup-agent]\n',
    `[profile backup-agent-2]\nregion = x\n[sso-session backup-agent]\na = b\n[backup-agent]\n\n[profile backup-agent]\n${OURS}`,
  ],
  ['a header in quotes and blanks', ' [ profile "backup-agent" ] # x\nregion = x\n', `[profile backup-agent]\n${OURS}`],
])('%s', (_, before, after) => expect(put(before)).toBe(after));

test('the default profile has a header of its own', () => {
  expect(put('', 'default')).toBe(`[default]\n${OURS}`);
  expect(put('[default]\nregion = x\n', 'default')).toBe(`[default]\n${OURS}`);
});

test('line ends are those of the file', () => {
  expect(put('[default]\r\nregion = a\r\n')).toBe(
    `[default]\r\nregion = a\r\n\r\n[profile backup-agent]\r\n${OURS.replaceAll('\n', '\r\n')}`,
  );
});

test('values are read as SDKs read them', () => {
  const [section] = findProfiles('[profile p]\nRegion=eu-west-1 # home\n# a = b\nx = 1 = 2\n', 'p');
  expect([...(section?.values ?? [])]).toEqual([
    ['region', 'eu-west-1'],
    ['x', '1 = 2'],
  ]);
  expect(findProfiles('[profile p]\n[profile p]\n', 'p')).toHaveLength(2);
});

test('whatever else is in the file, it is kept to the byte, and the section is found again', () => {
  const line = fc.constantFrom(
    '[default]',
    '[profile a]',
    '[profile backup-agent]',
    '  s3 =',
    '  nested = 1',
    'region = x',
    '# note',
    '; note',
    '',
    '   ',
    'no sense',
    '[',
    ']',
    '[profile ]',
    '\xff\xfe\x00',
  );
  const text = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 12 })
    .map((lines) => lines.map((pair) => pair.join('')).join(''));
  fc.assert(
    fc.property(text, fc.boolean(), (whole, isCut) => {
      const before = isCut ? whole.replace(/\r?\n$/, '') : whole;
      const [former] = findProfiles(before, 'backup-agent');
      const after = put(before);
      const [now] = findProfiles(after, 'backup-agent');
      expect([...(now?.values ?? [])]).toEqual([...VALUES]);
      const begin = former?.begin ?? before.length;
      expect(after.startsWith(before.slice(0, begin))).toBe(true);
      expect(after.endsWith(before.slice(former?.end ?? before.length))).toBe(true);
      expect(put(after)).toBe(after);
    }),
  );
});
