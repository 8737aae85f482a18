import * as fs from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeSparsely } from '../../src/restore/write-bytes.ts';
import { temporaryFolder } from '../kit/tree.ts';

/** Runs of zeros and of other bytes, some as long as blocks. */
const content = fc
  .array(fc.tuple(fc.constantFrom(0, 7), fc.oneof(fc.nat(300), fc.nat(20_000), fc.constant(4096))), { maxLength: 12 })
  .map((runs) => Buffer.concat(runs.map(([byte, length]) => Buffer.alloc(length, byte))));

test('written piece by piece with holes, a file has the same bytes', () => {
  const path = `${temporaryFolder()}/file`;
  fc.assert(
    fc.property(content, fc.nat(60_000), (bytes, cut) => {
      const descriptor = fs.openSync(path, 'w+');
      const at = Math.min(cut, bytes.length);
      writeSparsely(descriptor, bytes.subarray(at), at);
      writeSparsely(descriptor, bytes.subarray(0, at), 0);
      fs.ftruncateSync(descriptor, bytes.length);
      fs.closeSync(descriptor);
      expect(fs.readFileSync(path).equals(bytes)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
