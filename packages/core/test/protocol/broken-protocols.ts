/**
 * The protocol with one rule taken out, each as a change of the real source text. Every one of them must be caught: a
 * model that lets them through proves nothing about the whole one.
 */
export interface BrokenProtocol {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The schedule that catches it. */
  readonly caughtBy: string;
}

interface Edit {
  /** Below packages/core. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly from: string;
  readonly to: string;
}

const COMMIT = 'src/commit/commit-snapshot.ts';
const REMOVE = 'src/maintenance/remove-packs.ts';
const MARK = 'src/maintenance/mark-packs.ts';
const UNDO = 'src/maintenance/undo-night.ts';

export const BROKEN_PROTOCOLS: readonly BrokenProtocol[] = [
  {
    name: 'no second listing of marks',
    edits: [
      {
        file: COMMIT,
        from: 'filter((name) => !packs.usable.has(name))',
        to: 'filter((name) => !packs.usable.has(name) && !packs.marked.has(name))',
      },
    ],
    caughtBy: 'a pack is marked while a run goes on that rests on it',
  },
  {
    name: 'no listing of packs at commit',
    edits: [
      {
        file: COMMIT,
        from: 'filter((name) => !packs.usable.has(name))',
        to: 'filter((name) => packs.marked.has(name))',
      },
    ],
    caughtBy: 'V1: a pack was marked, removed and forgotten by the marks while a run went on',
  },
  {
    name: 'no void rule',
    edits: [
      {
        file: 'src/repository/snapshots.ts',
        from: 'if (!repository.voidRule || +listed.landed <= latest) return false;',
        to: 'if (latest > 0) return false;',
      },
    ],
    caughtBy: 'S-C, V3: a snapshot is held in the network for three days',
  },
  {
    name: 'no grace',
    edits: [{ file: REMOVE, from: '+marks.listed - +mark.since >= graceMs', to: '+marks.listed - +mark.since >= 0' }],
    caughtBy: 'a pack is marked between the look of a run and its snapshot',
  },
  {
    name: 'pack keys reused',
    edits: [
      {
        file: 'test/protocol/model/pack-maker.ts',
        from: '{ kind, run: this.#run, number: this.#next[kind]++ }',
        to: "{ kind, run: '20260101T000000Z-00000000', number: parseInt(chunks[0].id.slice(0, 4), 16) }",
      },
    ],
    caughtBy: 'content is stored anew while a night may still delete the pack that it lay in',
  },
  {
    name: 'states not chained',
    edits: [
      {
        file: MARK,
        from: 'const { outcome } = await store.create(marksKey(device, plan.state.sequence), [encodeMarks(plan.state)]);',
        to: `let { state } = plan;
  let outcome;
  while (outcome !== 'created') {
    ({ outcome } = await store.create(marksKey(device, state.sequence), [encodeMarks(state)]));
    state = { ...state, sequence: state.sequence + 1 };
  }`,
      },
    ],
    caughtBy: 'S-D, V6: a night that looked before a pack was dead writes its state a day later',
  },
  {
    name: 'packs unmarked',
    edits: [
      {
        file: MARK,
        from: 'const plan = planMarks({ marks, book, dead, retiring });',
        to: `const pending = await pendingAmong(() => true);
  const isDead = (pack) => needed[book.numberOf(pack)] === 0 && pending[book.numberOf(pack)] === 0;
  const stay = [...marks.marks].filter(([pack]) => isDead(pack));
  const listed = stay.map(([pack, { state, since }]) => ({ pack, state, since: since.toISOString() }));
  const plan =
    stay.length === marks.marks.size
      ? planMarks({ marks, book, dead, retiring })
      : { state: { version: 1, sequence: marks.sequence + 1, marks: listed } };`,
      },
    ],
    caughtBy: 'S-B, V5: a night freezes between its decision to remove and the delete',
  },
  {
    name: 'snapshots listed before marks',
    edits: [
      {
        file: REMOVE,
        from: `const marks = await readMarks(repository);
    const snapshots = await readEachSnapshot(repository, nightSnapshotOf, known);`,
        to: `const snapshots = await readEachSnapshot(repository, nightSnapshotOf, known);
    const marks = await readMarks(repository);`,
      },
    ],
    caughtBy: 'V8: a night freezes in the middle of looking what to remove',
  },
  {
    name: 'removal by decision instead of by listing',
    edits: [
      {
        file: REMOVE,
        from: 'if (number === undefined || needed[number] === 1) continue;',
        to: "if (number === undefined || (needed[number] === 1 && mark.state === 'retiring')) continue;",
      },
    ],
    caughtBy: 'V7: an expired snapshot stays listed, and is wanted again',
  },
  {
    name: 'anchor checked before the basis',
    edits: [
      {
        file: COMMIT,
        from: 'const packs = await listUsablePacks(deps.repository);',
        to: 'const early = await readSnapshots(deps.repository);\n    const packs = await listUsablePacks(deps.repository);',
      },
      {
        file: COMMIT,
        from: 'await footingOf(draft, packs, deps)',
        to: 'await footingOf(draft, packs, { ...deps, early })',
      },
      {
        file: COMMIT,
        from: '{ repository }: CommitDeps,\n): Promise<boolean> {\n  const { valid } = await readSnapshots(repository);',
        to: '{ early }: CommitDeps,\n): Promise<boolean> {\n  const { valid } = early;',
      },
    ],
    caughtBy: 'the anchor goes between the look for it and the look at the marks',
  },
  {
    name: 'anchor by equal roots',
    edits: [
      {
        file: COMMIT,
        from: `containsRoots(
      snapshot.roots.map(({ path }) => path),
      roots,
    ),`,
        to: 'roots.every((path) => snapshot.roots.some((root) => root.path === path)),',
      },
    ],
    caughtBy: 'the anchor was superseded long ago by a backup of a folder above',
  },
  {
    name: 'expiry without the hour',
    edits: [
      {
        file: 'src/maintenance/maintain-device.ts',
        from: 'supersededMs: night.settings.supersededMs',
        to: 'supersededMs: 0',
      },
    ],
    caughtBy: 'the anchor is superseded just after a run has rested on it',
  },
  {
    name: 'undo without marks',
    edits: [
      {
        file: UNDO,
        from: 'const wanted = packs.map(packText);',
        to: 'const wanted = packs.slice(0, 0).map(packText);',
      },
    ],
    caughtBy: 'a night is undone while an older one may still delete its packs',
  },
  {
    name: 'undo without the wait',
    edits: [{ file: UNDO, from: 'const end = +listed + COMMIT_WINDOW_MS;', to: 'const end = 0;' }],
    caughtBy: 'a night is undone between the two looks of a run that commits',
  },
  {
    name: 'undo of the packs of that night alone',
    edits: [
      {
        file: UNDO,
        from: 'named.has(text) || (+removed >= since && !others.has(text));',
        to: 'named.has(text) || (+removed >= since && +removed <= Date.parse(result.ended));',
      },
    ],
    caughtBy: 'the night that is undone had expired what a later one removed',
  },
];
