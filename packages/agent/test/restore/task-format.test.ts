import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PART } from '../../src/restore/file-flags.ts';
import { TaskWriter, readTask } from '../../src/restore/task-format.ts';

const u32 = fc.nat(0xffff_ffff);
const whole = fc.record({
  flags: fc.nat(31),
  folder: u32,
  mode: fc.nat(0o7777),
  uid: u32,
  gid: u32,
  mtime: fc.double({ noNaN: true }),
  name: fc.uint8Array({ maxLength: 300 }),
});
const part = fc.record({ flags: fc.nat(31), descriptor: u32, position: fc.nat(Number.MAX_SAFE_INTEGER) });
const chunk = fc.record({
  id: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  offset: u32,
  length: u32,
  isWanted: fc.boolean(),
  targets: fc.array(fc.oneof(whole, part), { maxLength: 20 }),
});

test('what is written is read, and targets of unwanted chunks are only counted', () => {
  const writer = new TaskWriter();
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 40 }), (chunks) => {
      for (const { id, offset, length, targets } of chunks) {
        writer.chunk(id, offset, length);
        for (const target of targets) {
          if ('name' in target) writer.whole(target);
          else writer.part(target);
        }
      }
      const wanted = chunks.map(({ isWanted }) => isWanted);
      const read: unknown[] = [];
      readTask(writer.take(), {
        chunk: (id, offset, length) => {
          read.push({ id: new Uint8Array(id), offset, length });
          return wanted.shift() as boolean;
        },
        whole: (target, number) => read.push({ ...target, name: new Uint8Array(target.name), number }),
        part: (target, number) => read.push({ ...target, number }),
      });
      let number = 0;
      const expected = chunks.flatMap(({ id, offset, length, targets, isWanted }) => {
        const numbered = targets.map((target) => ({
          ...target,
          flags: 'name' in target ? target.flags : target.flags | PART,
          number: number++,
        }));
        return [{ id, offset, length }, ...(isWanted ? numbered : [])];
      });
      expect(read).toEqual(expected);
    }),
  );
});
