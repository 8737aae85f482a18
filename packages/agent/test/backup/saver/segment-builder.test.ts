import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openSegment } from '@backup-agent/core';
import type { Segment } from '@backup-agent/core';
import { SegmentBuilder, isCompressible } from '../../../src/backup/saver/segment-builder.ts';

const text = (bytes: number): Buffer =>
  Buffer.from('a letter to the tax office, '.repeat(bytes / 28 + 1)).subarray(0, bytes);
const noise = randomBytes(20_000);

test.each<[string, Uint8Array, boolean]>([
  ['text', text(50_000), true],
  ['a little text', text(300), true],
  ['noise', randomBytes(200_000), false],
  ['noise with a header of text', Buffer.concat([text(1500), randomBytes(200_000)]), false],
  ['noise with a word of text', Buffer.concat([randomBytes(20_000), text(1000), randomBytes(40_000)]), false],
  ['a little noise', randomBytes(5_000), false],
  ['noise that repeats itself', Buffer.concat([noise, noise, noise]), true],
  ['base64', Buffer.from(randomBytes(30_000).toString('base64')), true],
  ['zeros', Buffer.alloc(1_000_000), true],
  ['a few bytes, whatever they are', randomBytes(20), true],
])('%s', (_, bytes, expected) => {
  expect(isCompressible(bytes)).toBe(expected);
});

describe('segments', () => {
  const build = (chunks: readonly Uint8Array[]): { segment: Segment; stored: Uint8Array }[] => {
    const sealed: { segment: Segment; stored: Uint8Array }[] = [];
    const builder = new SegmentBuilder({ compressionLevel: 3, extraVerify: false }, (segment, stored) =>
      sealed.push({ segment, stored }),
    );
    for (const [i, bytes] of chunks.entries()) builder.add(Buffer.alloc(32, i), bytes);
    builder.flush();
    return sealed;
  };

  test('keep text and photos apart, and give back every byte', () => {
    const chunks = [text(1000), randomBytes(40_000), text(2000), randomBytes(50_000)];
    const sealed = build(chunks);
    expect(sealed.map(({ segment }) => segment.lengths.length)).toEqual([2, 2]);
    const raw = Buffer.concat(sealed.map(({ segment, stored }) => openSegment(stored, segment, 'test')));
    expect(raw.equals(Buffer.concat([text(1000), text(2000), chunks[1] ?? raw, chunks[3] ?? raw]))).toBe(true);
    expect(sealed[1]?.segment.storedBytes).toBe(90_000);
  });

  test('end at about a mebibyte', () => {
    const sealed = build(Array.from({ length: 40 }, () => text(100_000)));
    for (const { segment } of sealed.slice(0, -1)) {
      expect(segment.rawBytes).toBeGreaterThanOrEqual(2 ** 20);
      expect(segment.rawBytes).toBeLessThanOrEqual(1.25 * 2 ** 20);
    }
  });

  test('give a chunk of four mebibytes one of its own', () => {
    expect(build([text(1000), text(4 * 2 ** 20), text(1000)]).map(({ segment }) => segment.lengths.length)).toEqual([
      1, 1, 1,
    ]);
  });

  test('that do not come back as they were are refused', () => {
    const builder = new SegmentBuilder({ compressionLevel: 3, extraVerify: true }, () => {});
    builder.add(Buffer.alloc(32), text(1000)); // Not the id of these bytes.
    expect(() => builder.flush()).toThrow('did not come back as it was');
  });
});
