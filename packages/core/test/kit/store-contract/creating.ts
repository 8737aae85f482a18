import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { devicePrefix, marksKey, packKey } from '../../../src/keys.ts';
import type { Created, ObjectChecksum, ObjectStore } from '../../../src/store/ports.ts';
import type { StoreCapabilities } from '../store-contract.ts';
import { deviceFor, inPieces, MiB, noise, runNumber } from './subjects.ts';

export function describeCreating(store: () => ObjectStore, capabilities: StoreCapabilities): void {
  describe('creating', () => {
    describeBodies(store, capabilities);
    describeExclusive(store, capabilities);
  });
}

function describeBodies(store: () => ObjectStore, capabilities: StoreCapabilities): void {
  const device = deviceFor('creating');

  test.each([
    ['without pieces', 1, []],
    ['of one empty piece', 2, [Buffer.alloc(0)]],
    ['of one piece', 3, [noise(100, 3)]],
    ['of pieces, some empty', 4, [Buffer.alloc(0), noise(5, 4), Buffer.alloc(0), noise(70_000, 5)]],
    ['of 3000 pieces', 5, Array.from({ length: 3000 }, (_, n) => noise(n % 5, 6))],
    ['of exactly 8 MiB', 6, [noise(8 * MiB, 7)]],
    ['of 20 MiB', 7, inPieces(noise(20 * MiB, 8))],
  ])(
    'keeps a body %s',
    async (_, number, body) => {
      const key = packKey(device, { kind: 'data', run: runNumber(1), number });
      const whole = Buffer.concat(body);
      const created = await store().create(key, body);
      expect(created.outcome).toBe('created');
      expect(whole.equals(await store().read(key, whole.length))).toBe(true);
      expectChecksumOf(whole, created, capabilities);
      expect((await store().list(key)).objects).toMatchObject([{ key, bytes: whole.length, etag: created.etag }]);
    },
    120_000,
  );

  test('does not share memory with its caller', async () => {
    const key = marksKey(device, 1);
    const piece = noise(1000, 9);
    const bytes = Buffer.from(piece);
    await store().create(key, [piece]);
    piece.fill(0);
    expect(bytes.equals(await store().read(key, 1000))).toBe(true);
  });

  test('shows an object whole or not at all', async () => {
    const key = marksKey(deviceFor('whole'), 1);
    const bytes = noise(20 * MiB, 10);
    const progress = { settled: false };
    const creating = store()
      .create(key, inPieces(bytes))
      .finally(() => (progress.settled = true));
    const lengths = new Set<number | undefined>();
    while (!progress.settled) {
      for (const object of (await store().list(devicePrefix(deviceFor('whole')))).objects) lengths.add(object.bytes);
      lengths.add((await store().find(key, bytes.length))?.length);
      await nextTurn();
    }
    expect((await creating).outcome).toBe('created');
    lengths.delete(undefined);
    lengths.add((await store().read(key, bytes.length)).length);
    expect([...lengths]).toEqual([bytes.length]);
  }, 120_000);

  test('leaves nothing else in sight', async () => {
    const key = marksKey(deviceFor('alone'), 1);
    await store().create(key, [noise(9 * MiB, 11)]);
    await store().create(key, [noise(9 * MiB, 11)]);
    expect((await store().list('tmp/')).objects).toEqual([]);
    expect((await store().list(devicePrefix(deviceFor('alone')))).objects).toHaveLength(1);
  }, 120_000);
}

function describeExclusive(store: () => ObjectStore, capabilities: StoreCapabilities): void {
  const sizes = [
    ['small', 1000, 8, capabilities.conditionalPut, 'conditional put'],
    ['large', 9 * MiB, 4, capabilities.conditionalCompletion, 'conditional completion'],
  ] as const;

  describe.each(sizes)('a %s object', (size, bytes, writers, exclusive, capability) => {
    const device = deviceFor(`exclusive-${size}`);
    const without = exclusive ? '' : ` (no ${capability}: it may be replaced, but only as a whole)`;

    test('again with the same bytes counts as created', async () => {
      const key = marksKey(device, 1);
      const body = noise(bytes, 12);
      const first = await store().create(key, [body]);
      const again = await store().create(key, inPieces(body));
      expect([first.outcome, again.outcome]).toEqual(['created', 'created']);
      expectChecksumOf(body, again, capabilities);
      expect((await store().list(key)).objects[0]?.etag).toBe(again.etag);
    }, 120_000);

    test.each([
      ['other bytes of the same length', 2, noise(bytes, 14)],
      ['a longer body', 3, noise(bytes + 1, 13)],
      ['a shorter body', 4, noise(bytes, 13).subarray(1)],
      ['an empty body', 5, Buffer.alloc(0)],
    ])(
      `is not replaced by %s${without}`,
      async (_, number, other) => {
        const key = marksKey(device, number);
        const body = noise(bytes, 13);
        await store().create(key, [body]);
        const second = await store().create(key, [other]);
        const kept = await store().read(key, bytes + 1);
        if (exclusive) {
          expect(second.outcome).toBe('already-there');
          expect(kept.equals(body)).toBe(true);
        } else {
          expect([body, other].some((candidate) => candidate.equals(kept))).toBe(true);
        }
      },
      120_000,
    );

    test(`of ${writers} writers at once is the winner's, whole${without}`, async () => {
      const key = marksKey(device, 6);
      const bodies = Array.from({ length: writers }, (_, n) => noise(bytes, 20 + n));
      const outcomes = await Promise.all(bodies.map(async (body) => (await store().create(key, [body])).outcome));
      const kept = await store().read(key, bytes);
      const winner = bodies.findIndex((body) => body.equals(kept));
      expect(winner).toBeGreaterThanOrEqual(0);
      if (exclusive) {
        expect(outcomes).toEqual(bodies.map((_, n) => (n === winner ? 'created' : 'already-there')));
      }
    }, 120_000);

    test('of writers of the same bytes at once counts as created for all', async () => {
      const key = marksKey(device, 7);
      const body = noise(bytes, 40);
      const created = await Promise.all(Array.from({ length: writers }, () => store().create(key, [body])));
      expect(created.map(({ outcome }) => outcome)).toEqual(created.map(() => 'created'));
      expect(body.equals(await store().read(key, bytes))).toBe(true);
    }, 120_000);

    test(`with one attempt only is kept, and not replaced${without}`, async () => {
      const key = marksKey(device, 8);
      const body = noise(bytes, 50);
      expect((await store().create(key, [body], { once: true })).outcome).toBe('created');
      const second = await store().create(key, [noise(bytes, 51)], { once: true });
      if (exclusive) {
        expect(second.outcome).toBe('already-there');
        expect(body.equals(await store().read(key, bytes))).toBe(true);
      } else {
        expect(await store().read(key, bytes)).toHaveLength(bytes);
      }
    }, 120_000);
  });
}

/** A checksum is that of the bytes wherever there is one; where the server keeps checksums there is one. */
function expectChecksumOf(bytes: Buffer, created: Created, capabilities: StoreCapabilities): void {
  if (capabilities.checksumKept) expect(created.checksum).toBeDefined();
  if (created.checksum !== undefined) expect(created.checksum.value).toBe(checksumOf(bytes, created.checksum));
}

function checksumOf(bytes: Buffer, { partBytes, parts }: ObjectChecksum): string {
  if (parts === 0) return createHash('sha256').update(bytes).digest('hex');
  expect(parts).toBe(Math.ceil(bytes.length / partBytes));
  const whole = createHash('sha256');
  for (let at = 0; at < bytes.length; at += partBytes) {
    whole.update(
      createHash('sha256')
        .update(bytes.subarray(at, at + partBytes))
        .digest(),
    );
  }
  return whole.digest('hex');
}
