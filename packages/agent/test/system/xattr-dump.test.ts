import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDump, parseDump } from '../../src/system/xattr-dump.ts';

test('what getfattr printed is read', () => {
  const dump = [
    '# file: /tmp/a\\012b',
    'user.foo=0sdgox',
    '',
    '# file: /tmp/caf\xe9 \\134x',
    'user.b\\075c=0sMg==',
    'user.empty=0s',
    '',
  ].join('\n');
  expect(parseDump(Buffer.from(dump, 'latin1'))).toEqual(
    new Map([
      ['/tmp/a\nb', { 'user.foo': 'dgox' }],
      ['/tmp/caf\udce9 \\x', { 'user.b=c': 'Mg==', 'user.empty': '' }],
    ]),
  );
});

test('any names and values go there and back', () => {
  const part = fc.constantFrom(
    'a',
    '=',
    '\n',
    '\r',
    '\\',
    '\\012',
    '# file: ',
    'ä',
    '\udce9',
    ' ',
    '\t',
    '\x7f',
    '😀',
    '"',
    '0s',
  );
  const text = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
  const value = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64'));
  const xattrs = fc.dictionary(text, value, { maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, xattrs), { maxLength: 5 }), (files) => {
      const map = new Map(files);
      expect(parseDump(formatDump(map))).toEqual(map);
    }),
  );
});
