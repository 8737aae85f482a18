/** What damage of packs costs: the snapshots and paths that need what is lost, and no others. */
import { expect, test } from 'vitest';
import { packKey } from '@backup-agent/core';
import type { ObjectKey, ObjectStore, PackKind } from '@backup-agent/core';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import { STRUCTURE_ONLY, changedStore, objectsOf, verifyHere } from '../kit/verify-bench.ts';

const FOLDER = { path: '', kind: 'folder' } as const;

/** Two snapshots; each file has a segment, and each two files a pack. */
async function build() {
  const builder = new RepositoryBuilder({ segmentBytes: 1, packSegments: 2 });
  const old = [FOLDER, { path: 'a', content: 'first' }, { path: 'b', content: 'second' }];
  const names = [
    await builder.snapshot(old),
    await builder.snapshot([...old, { path: 'c', content: 'third' }, { path: 'd', content: 'fourth' }]),
  ] as const;
  const packs = (kind: PackKind): ObjectKey[] =>
    names.map((name) => packKey(builder.repository.device, { kind, run: name, number: 0 } as never));
  return { builder, names, data: packs('data'), meta: packs('meta') };
}

const flipped = async (store: ObjectStore, key: ObjectKey, at: number): Promise<Buffer> => {
  const bytes = await store.read(key, Number.MAX_SAFE_INTEGER);
  bytes[at] = (bytes[at] as number) ^ 1;
  return bytes;
};

test('a damaged segment costs the files in it, in every snapshot that has them', async () => {
  const { builder, names, data } = await build();
  const [key] = data as [ObjectKey];
  const store = await changedStore(builder.store, { [key]: await flipped(builder.store, key, 0) });
  const { findings } = await verifyHere({ ...builder.repository, store });
  expect(findings.find((finding) => finding.key === key)).toMatchObject({
    severity: 'damage',
    costs: { snapshots: [names[1], names[0]], paths: ['/home/ann/a'], entries: 2, certain: true },
  });
});

test('a missing pack costs all that was in it, and only snapshots that need that', async () => {
  const { builder, names, data } = await build();
  const key = data[1] as ObjectKey;
  const store = await changedStore(builder.store, { [key]: 'gone' });
  const { findings } = await verifyHere({ ...builder.repository, store }, STRUCTURE_ONLY);
  expect(findings.find((finding) => finding.key === key)).toMatchObject({
    what: 'missing',
    costs: { snapshots: [names[1]], paths: ['/home/ann/c', '/home/ann/d'], entries: 2, certain: true },
  });
});

test('a damaged directory costs nothing as long as an index tells what is in the pack', async () => {
  const { builder, data } = await build();
  const [key] = data as [ObjectKey];
  const { length } = await builder.store.read(key, Number.MAX_SAFE_INTEGER);
  const store = await changedStore(builder.store, { [key]: await flipped(builder.store, key, length - 60) });
  const { findings } = await verifyHere({ ...builder.repository, store });
  expect(findings.find((finding) => finding.key === key)).toMatchObject({
    severity: 'damage',
    costs: { snapshots: [], paths: [], entries: 0 },
  });
});

test('without index and directory nobody knows what was in a pack: its snapshots may lose it', async () => {
  const { builder, names, data } = await build();
  const key = data[1] as ObjectKey;
  const index = (await objectsOf(builder.store)).filter((object) => object.key.includes('/index/')).at(-1)
    ?.key as string;
  const { length } = await builder.store.read(key, Number.MAX_SAFE_INTEGER);
  const bytes = await flipped(builder.store, key, length - 60);
  const store = await changedStore(builder.store, { [key]: bytes, [index]: 'gone' });
  const { findings } = await verifyHere({ ...builder.repository, store });
  expect(findings.find((finding) => finding.key === key)).toMatchObject({
    costs: { snapshots: [names[1]], paths: ['/home/ann/c', '/home/ann/d'] },
  });
});

test('a damaged catalog page costs its range of entries', async () => {
  const { builder, names, meta } = await build();
  const key = meta[1] as ObjectKey;
  const store = await changedStore(builder.store, { [key]: await flipped(builder.store, key, 10) });
  for (const request of [STRUCTURE_ONLY, undefined]) {
    const { findings } = await verifyHere({ ...builder.repository, store }, request);
    expect(findings.find((finding) => finding.key === key)).toMatchObject({
      costs: { snapshots: [names[1]], paths: ['/home/ann up to the end of the catalog'] },
    });
  }
});

test('a pack of another length is told without reading it, with what is at stake', async () => {
  const { builder, data } = await build();
  const [key] = data as [ObjectKey];
  const bytes = await builder.store.read(key, Number.MAX_SAFE_INTEGER);
  const store = await changedStore(builder.store, { [key]: Buffer.concat([bytes, Buffer.from('x')]) });
  const { findings } = await verifyHere({ ...builder.repository, store }, STRUCTURE_ONLY);
  expect(findings.find((finding) => finding.key === key)).toMatchObject({
    severity: 'damage',
    costs: { paths: ['/home/ann/a', '/home/ann/b'], certain: false },
  });
});
