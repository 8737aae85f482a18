import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectMassChange, makeRunId, MASS_CHANGE_RECORDS, snapshotName } from '../../src/index.ts';
import type { LandedRunRecord, MassChangeInput, RunRecord } from '../../src/index.ts';
import { landedRecord } from './landed-record.ts';

const NOW = Date.UTC(2026, 5, 1, 17);
const daysAgo = (days: number): Date => new Date(NOW - days * 24 * 3_600_000);
const runOf = (days: number) => makeRunId(daysAgo(days), Buffer.alloc(4));

type Counts = Partial<RunRecord['counts']>;

/** Two of a thousand files are edited, three new chunks of four compress. */
const QUIET: Counts = { filesChanged: 2, filesUnchanged: 998, chunksNew: 40, chunksIncompressible: 10 };

const record = (days: number, counts: Counts = QUIET, more: Partial<RunRecord> = {}): LandedRunRecord =>
  landedRecord({ landed: daysAgo(days), record: { run: runOf(days), ...more }, counts });

/** `newest` on the days from today back, then quiet days. */
const history = (newest: readonly (readonly [Counts, Partial<RunRecord>?])[], quietDays = 20): LandedRunRecord[] => [
  ...newest.map(([counts, more], i) => record(i, counts, more)),
  ...Array.from({ length: quietDays }, (_, i) => record(newest.length + i)),
];

const detect = (input: Partial<MassChangeInput>) =>
  detectMassChange({ records: [], snapshots: [], clearedAt: undefined, ...input });

/** So many of a thousand, with content that does not compress. */
const encryptedInPlace = (files: number): Counts => ({
  filesChanged: files,
  filesUnchanged: 1000 - files,
  chunksNew: files,
  chunksIncompressible: files,
});
const replaced = (files: number, incompressible = files): Counts => ({
  filesNew: files,
  filesDeleted: files,
  filesUnchanged: 1000 - files,
  chunksNew: files,
  chunksIncompressible: incompressible,
});
const endings = (...newEndings: readonly (readonly [string, number])[]): Partial<RunRecord> => ({
  newEndings: newEndings.map(([ending, files]) => ({ ending, files })),
});

describe('a run is flagged', () => {
  test.each<[string, Counts, Partial<RunRecord>?]>([
    ['if a quarter of the files got incompressible content', encryptedInPlace(250)],
    ['if they got other names with it', replaced(250)],
    [
      'if some did and some did not',
      { ...replaced(125), filesChanged: 125, filesUnchanged: 750, chunksNew: 250, chunksIncompressible: 250 },
    ],
    ['if a tenth did where new content usually compresses', encryptedInPlace(100)],
    ['if half of the files got any content', { ...encryptedInPlace(500), chunksIncompressible: 100 }],
    ['if a hundred files were replaced by such with one new ending', replaced(100, 60), endings(['.locked', 100])],
    ['if they were by files without ending', replaced(100, 60), endings(['', 100])],
    ['if the ending was seen before on a few', replaced(400, 210), endings(['.rare', 400])],
  ])('%s', (_, counts, more) => {
    const few = record(1, QUIET, endings(['.docx', 5], ['.rare', 3]));
    const result = detect({ records: [record(0, counts, more), few, ...history([], 20).slice(2)] });
    expect(result.reasons).toHaveLength(1);
    expect(result.run).toBe(runOf(0));
  });

  test('with the figures in a sentence', () => {
    expect(detect({ records: history([[encryptedInPlace(800)]]) }).reasons).toEqual([
      `run ${runOf(0)}: 800 files of 1,000 (80 %) got other content - 800 under the same name, 0 under another; 100 % of what is new does not compress; the 14 runs before rewrote at most 0 %`,
    ]);
    expect(detect({ records: history([[replaced(100, 60), endings(['.LOCK\u202e', 100])]]) }).reasons).toEqual([
      `run ${runOf(0)}: 100 files with new content appeared with the ending ".LOCK", which was not common here before, and 100 files of 1,000 are gone`,
    ]);
  });
});

describe('a run is not flagged', () => {
  const many = { ...QUIET, filesUnchanged: 99_998 };
  test.each<[string, Counts, Partial<RunRecord>?]>([
    ['if nothing changed', {}],
    ['for a folder that was moved', { filesNew: 600, filesDeleted: 600, filesUnchanged: 400 }, endings(['.dwg', 600])],
    [
      'for files that only got another ending',
      { filesNew: 600, filesDeleted: 600, filesUnchanged: 400 },
      endings(['.jpeg', 600]),
    ],
    ['for a clean-up', { filesDeleted: 450, filesUnchanged: 550, chunksNew: 20, chunksIncompressible: 20 }],
    [
      'for a folder of photos',
      { ...QUIET, filesNew: 5000, chunksNew: 20_000, chunksIncompressible: 19_900 },
      endings(['.jpg', 5000]),
    ],
    [
      'for photos on the day of a clean-up of many files',
      { ...QUIET, filesNew: 200, filesDeleted: 401, filesUnchanged: 597, chunksNew: 20, chunksIncompressible: 20 },
      endings(['.heic', 200]),
    ],
    ['for source code that got another ending', replaced(200, 20), endings(['.ts', 200])],
    [
      'for a hundred files of a hundred thousand that got another ending',
      { ...many, ...replaced(100), filesUnchanged: 99_900 },
      endings(['.webp', 100]),
    ],
    ['for software that was replaced', replaced(400, 20), endings(['.js', 300], ['.map', 100])],
    [
      'if an office’s few files are edited all at once',
      { filesChanged: 99, filesUnchanged: 0, chunksNew: 99, chunksIncompressible: 99 },
    ],
    ['for a tenth of the files with what compresses', { ...encryptedInPlace(200), chunksIncompressible: 100 }],
    ['if it failed: it will be counted by the next one', encryptedInPlace(900), { outcome: 'failed' }],
  ])('%s', (_, counts, more = {}) => {
    expect(detect({ records: history([[counts, more]]) })).toEqual({ reasons: [], run: null });
  });

  test('if the device does so every day', () => {
    const daily = Array.from({ length: 30 }, () => [encryptedInPlace(400)] as const);
    expect(detect({ records: history(daily, 0) }).reasons).toEqual([]);
  });

  test('if the ending is a common one here', () => {
    const records = history([
      [replaced(200, 120), endings(['.pdf', 200])],
      [QUIET, endings(['.docx', 90], ['.pdf', 20])],
    ]);
    expect(detect({ records }).reasons).toEqual([]);
  });

  test('for the files of the first backup, nor by what is usual before there are three runs', () => {
    const first = record(
      3,
      { filesNew: 1000, filesUnchanged: 0, chunksNew: 1000, chunksIncompressible: 1000 },
      endings(['.jpg', 900]),
    );
    const second = [record(1, encryptedInPlace(900)), record(2), first];
    expect(detect({ records: [first] }).reasons).toEqual([]);
    expect(detect({ records: second }).reasons).toEqual([]);
    expect(detect({ records: [record(0, encryptedInPlace(900)), record(1), record(2), first] }).reasons).toHaveLength(
      1,
    );
  });
});

describe('against which runs', () => {
  test('a new ending needs no history', () => {
    const records = history([[replaced(600), endings(['.locked', 600])]], 1);
    expect(detect({ records }).reasons).toHaveLength(1);
  });

  test('runs of other folders are no measure', () => {
    const others = Array.from({ length: 14 }, (_, i) => record(i + 0.5, encryptedInPlace(900), { roots: ['/srv'] }));
    const own = history([[encryptedInPlace(300)]]);
    const both = [...own, ...others].sort((a, b) => +b.landed - +a.landed);
    expect(detect({ records: both }).reasons).toHaveLength(1);
  });

  test('only the 14 runs before count', () => {
    const flaggedLong = (before: number) => {
      const records = history([[encryptedInPlace(300)]], 30);
      records[before] = record(before, encryptedInPlace(200));
      return detect({ records: records.slice(0, 20), clearedAt: daysAgo(0.5) }).reasons.length;
    };
    expect([flaggedLong(14), flaggedLong(15)]).toEqual([0, 1]);
  });

  test('near everything is flagged where a third was usual', () => {
    const run = (share: number, usual: number) =>
      detect({ records: history([[encryptedInPlace(share)], [encryptedInPlace(usual)]]), clearedAt: daysAgo(0.5) })
        .reasons.length;
    expect([run(900, 400), run(890, 400), run(900, 450)]).toEqual([1, 0, 0]);
  });

  test('what landed before an administrator cleared it is not looked at again', () => {
    const records = history([[QUIET], [encryptedInPlace(900)]]);
    expect(detect({ records }).run).toBe(runOf(1));
    expect(detect({ records, clearedAt: daysAgo(1) }).reasons).toEqual([]);
  });

  test('a night that was missed does not hide a run, a week later it is history', () => {
    const quiet = (days: number) => Array.from({ length: days }, () => [QUIET] as const);
    expect(detect({ records: history([...quiet(6), [encryptedInPlace(900)]]) }).run).toBe(runOf(6));
    expect(detect({ records: history([...quiet(8), [encryptedInPlace(900)]]) }).reasons).toEqual([]);
  });

  test('records as many as are asked for suffice for a day of a run every half an hour', () => {
    const halfHours = Array.from({ length: 200 }, (_, i) => record(i / 48, i === 49 ? encryptedInPlace(900) : QUIET));
    expect(detect({ records: halfHours.slice(0, MASS_CHANGE_RECORDS) }).reasons).toHaveLength(1);
  });
});

describe('a week', () => {
  /** A tenth of the files a day where documents hardly compress anyway. */
  const slowly = (days: number) => [
    ...Array.from({ length: days }, (_, i) => record(i, encryptedInPlace(101))),
    ...Array.from({ length: 20 }, (_, i) => record(days + i, { ...QUIET, chunksIncompressible: 30 })),
  ];

  test('of a tenth of the files each day is flagged on the fifth', () => {
    expect(detect({ records: slowly(4) }).reasons).toEqual([]);
    const { reasons, run } = detect({ records: slowly(5) });
    expect(reasons).toEqual([
      'in 7 runs of a week together, 509 files of 1,000 (51 %) got other content - 509 under the same name, 0 under another; 97 % of what is new does not compress; so many runs before it rewrote 1 % so',
    ]);
    expect(run).toBe(runOf(0));
  });

  test('as all weeks before is not', () => {
    const daily = Array.from({ length: 30 }, () => [encryptedInPlace(101)] as const);
    expect(detect({ records: history(daily, 0) }).reasons).toEqual([]);
  });

  test('begins anew when it is cleared', () => {
    const records = slowly(7);
    expect(detect({ records }).reasons).toHaveLength(1);
    expect(detect({ records, clearedAt: daysAgo(3.5) }).reasons).toEqual([]);
  });
});

describe('snapshots', () => {
  const snapshot = (
    days: number,
    files: number,
    bytes = files * 1000,
    root = '/home/ada',
  ): MassChangeInput['snapshots'][number] => ({
    name: snapshotName(runOf(days), 0),
    landed: daysAgo(days),
    run: runOf(days),
    roots: [root],
    totals: { files, bytes },
  });
  const shrunken = (...snapshots: MassChangeInput['snapshots']) => detect({ snapshots });

  test('that lost more than half of the files are flagged without any record', () => {
    expect(shrunken(snapshot(0, 499), snapshot(1, 1000))).toEqual({
      reasons: [
        `snapshot ${runOf(0)} holds 499 files and 499,000 bytes, where ${runOf(1)} of the same folders held 1,000 files and 1,000,000 bytes`,
      ],
      run: runOf(0),
    });
  });

  test.each([
    ['that lost more than half of the bytes are', [snapshot(0, 1000, 400_000), snapshot(1, 1000)], 1],
    ['that lost half are not', [snapshot(0, 500), snapshot(1, 1000)], 0],
    ['of fewer than 100 files are not', [snapshot(0, 1), snapshot(1, 99)], 0],
    ['of other folders are not compared', [snapshot(0, 1), snapshot(1, 1000, 1000, '/srv')], 0],
    [
      'are compared with the one before of the same folders',
      [snapshot(0, 1), snapshot(1, 9, 9, '/srv'), snapshot(60, 1000)],
      1,
    ],
    ['are compared with what was there within the week', [snapshot(0, 400), snapshot(3, 700), snapshot(6, 1000)], 1],
    ['are not compared with what was there long ago', [snapshot(0, 400), snapshot(3, 700), snapshot(8, 1000)], 0],
    ['that shrank and grew again are still seen', [snapshot(0, 1000), snapshot(1, 1), snapshot(2, 1000)], 1],
    ['are alone the first', [snapshot(0, 1000)], 0],
  ])('%s', (_, snapshots, reasons) => {
    expect(shrunken(...snapshots).reasons).toHaveLength(reasons);
  });

  test('that an administrator has seen are what later ones are compared with', () => {
    const snapshots = [snapshot(0, 390), snapshot(1, 400), snapshot(2, 1000)];
    expect(detect({ snapshots }).reasons).toHaveLength(2);
    expect(detect({ snapshots, clearedAt: daysAgo(0.5) }).reasons).toEqual([]);
    expect(detect({ snapshots: [snapshot(0, 100), ...snapshots.slice(1)], clearedAt: daysAgo(0.5) }).reasons).toEqual([
      expect.stringContaining(`where ${runOf(1)} of`),
    ]);
  });
});

test('the newest reasons are told, five at most, with the newest run', () => {
  const slow = [900, 90, 800, 80, 700, 70, 600].map(
    (files) => [replaced(files), endings([`.${files}`, files])] as const,
  );
  const { reasons, run } = detect({ records: history(slow) });
  expect(reasons).toHaveLength(5);
  expect(reasons[0]).toContain(runOf(0));
  expect(run).toBe(runOf(0));
});

test('nothing that records or snapshots claim makes it throw, or say what is no number', () => {
  const claim = fc.oneof(fc.constantFrom(0, 1, 100, Number.MAX_SAFE_INTEGER), fc.nat({ max: 5000 }));
  const names = [
    'filesNew',
    'filesChanged',
    'filesUnchanged',
    'filesDeleted',
    'filesUnreadable',
    'chunksNew',
    'chunksIncompressible',
  ] as const;
  const counts = fc.record(
    Object.fromEntries(names.map((name) => [name, claim])) as Record<(typeof names)[number], typeof claim>,
  );
  const top = fc.array(fc.record({ ending: fc.constantFrom('', '.a', '.locked', '"><b>'), files: claim }), {
    maxLength: 5,
  });
  const outcome = fc.constantFrom('finished' as const, 'incomplete' as const, 'failed' as const);
  const one = fc.record({
    counts,
    newEndings: fc.option(top, { nil: undefined }),
    outcome,
    roots: fc.constantFrom<string[]>(['/a'], ['/b', '/a'], []),
  });
  const totals = fc.record({ files: claim, bytes: claim });
  const told = { flagged: 0 };
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 40 }),
      fc.array(totals, { maxLength: 5 }),
      fc.option(fc.nat({ max: 40 })),
      (runs, sizes, clear) => {
        const result = detect({
          records: runs.map(({ counts, newEndings, ...more }, i) =>
            record(i / 3, counts, { ...more, ...(newEndings && { newEndings }) }),
          ),
          snapshots: sizes.map((totals, i) => ({
            name: snapshotName(runOf(i), 0),
            landed: daysAgo(i),
            run: runOf(i),
            roots: ['/a'],
            totals,
          })),
          clearedAt: clear === null ? undefined : daysAgo(clear),
        });
        expect(result.reasons.join()).not.toMatch(/NaN|Infinity|undefined/);
        expect(result.run === null).toBe(result.reasons.length === 0);
        told.flagged += result.reasons.length;
      },
    ),
    { numRuns: 2000 },
  );
  expect(told.flagged).toBeGreaterThan(1000);
});
