/**
 * A fleet of office computers, played day by day in counts: what people do to their files, and what a run record and a
 * snapshot then say. The figures are assumptions, on the busy side; docs/anomalies.md states them.
 */
import { makeRunId, snapshotName } from '../../src/index.ts';
import type { LandedRunRecord, MassChangeInput, RunRecord } from '../../src/index.ts';
import { landedRecord } from './landed-record.ts';

const DAY_MS = 24 * 3_600_000;
const FIRST_DAY = Date.UTC(2026, 0, 5, 17);
/** Share of the new chunks that do not compress: photos and archives; and what an attacker leaves. */
const PHOTO = 0.98;
const ENCRYPTED = 1;
const SOURCE_CODE = 0.05;

/** Uniform in [0, 1): mulberry32, which suffices to play with. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Day {
  changed: number;
  deleted: number;
  created: number;
  /** By the kind of their content: chunks and how many of them do not compress. */
  chunks: number;
  incompressible: number;
  readonly endings: Map<string, number>;
}

const quietDay = (): Day => ({
  changed: 0,
  deleted: 0,
  created: 0,
  chunks: 0,
  incompressible: 0,
  endings: new Map(),
});

export class OfficeDevice {
  readonly random: () => number;
  /** Newest first. */
  readonly records: LandedRunRecord[] = [];
  readonly snapshots: MassChangeInput['snapshots'][number][] = [];
  files: number;
  bytesPerFile: number;
  /** Of the new chunks of everyday work, those that do not compress: documents of today are ZIP files mostly. */
  readonly documentsIncompressible: number;
  readonly #editsPerDay: number;
  readonly #isDeveloper: boolean;
  #project: number;
  #holidayEnds = -1;
  #day = 0;

  constructor(seed: number) {
    this.random = randomOf(seed);
    this.files = Math.round(500 * 200 ** this.random()); // 500 to 100,000
    this.bytesPerFile = Math.round(200_000 * 10 ** this.random());
    this.documentsIncompressible = 0.2 + 0.7 * this.random();
    this.#editsPerDay = 5 + 75 * this.random() ** 2;
    this.#isDeveloper = this.chance(1 / 10);
    this.#project = this.#isDeveloper ? Math.round(this.files * 0.5 * this.random()) : 0;
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  between(low: number, high: number): number {
    return Math.round(low + (high - low) * this.random());
  }

  /** Ends a day: people worked, perhaps; `attack` comes on top. Whether there was a run. */
  playDay(attack?: Attack['attack']): boolean {
    const number = this.#day++;
    const isFirst = this.records.length === 0;
    if (isFirst) {
      this.#leave(number, { ...quietDay(), created: this.files, chunks: this.files, incompressible: this.files * 0.6 });
      return true;
    }
    if (number > this.#holidayEnds && this.chance(1 / 80)) this.#holidayEnds = number + this.between(3, 21);
    const isAway = number <= this.#holidayEnds || (number % 7 > 4 && !this.chance(0.2));
    if (isAway && attack === undefined) return false;
    const day = quietDay();
    if (!isAway) this.#work(day);
    attack?.(day, this);
    this.#leave(number, day);
    return true;
  }

  #work(day: Day): void {
    const edits = Math.round(this.#editsPerDay * (0.3 + 1.4 * this.random()));
    this.change(day, Math.min(edits, Math.round(this.files * 0.05)), this.documentsIncompressible);
    this.create(day, Math.round(edits * 0.4 * this.random()), this.documentsIncompressible, ['.docx', '.pdf', '.xlsx']);
    this.remove(day, Math.round(edits * 0.2 * this.random()));
    this.chunks(day, this.between(0, 40), this.documentsIncompressible); // Mailboxes and databases.
    this.#odds(day);
    if (this.#isDeveloper) this.#develop(day);
  }

  /** What happens now and then, each with its chance of a day. */
  #odds(day: Day): void {
    if (this.chance(1 / 40)) this.create(day, this.between(50, 2000), PHOTO, ['.jpg'], 3);
    if (this.chance(1 / 60)) this.move(day, this.part(0.3), this.chance(0.5) ? '.dwg' : '.docx'); // A folder moved.
    if (this.chance(1 / 90)) this.remove(day, this.part(0.2)); // A clean-up.
    if (this.chance(1 / 1000)) this.remove(day, this.part(0.45));
    if (this.chance(1 / 150))
      this.change(day, Math.min(this.between(50, 400), this.part(0.4)), this.documentsIncompressible); // A template.
    if (this.chance(1 / 150)) this.create(day, this.part(0.3), 0, ['.pdf'], 0); // Files copied: stored already.
    if (this.chance(1 / 300)) this.#zipAndDelete(day, this.part(0.2));
    if (this.chance(1 / 500)) this.change(day, Math.min(this.between(100, 3000), this.part(0.4)), PHOTO); // Tags in photos.
    if (this.chance(1 / 600)) this.replace(day, Math.min(this.between(50, 500), this.part(0.3)), PHOTO, ['.webp']); // Converted.
  }

  #develop(day: Day): void {
    this.change(day, this.between(5, 60), SOURCE_CODE);
    if (this.chance(1 / 15)) {
      // Another branch, or a build.
      const touched = Math.round(this.#project * 0.4 * this.random());
      this.change(day, touched, SOURCE_CODE);
    }
    if (this.chance(1 / 12)) {
      // Dependencies, replaced by others.
      const [old, fresh] = [Math.round(this.#project * 0.7 * this.random()), this.between(500, 15_000)];
      this.remove(day, old);
      this.create(day, fresh, SOURCE_CODE, ['.js', '.ts', '.map']);
      this.#project = Math.max(0, this.#project - old + fresh);
    }
  }

  #zipAndDelete(day: Day, count: number): void {
    this.remove(day, count);
    this.create(day, 1, PHOTO, ['.zip'], Math.ceil((count * this.bytesPerFile) / 2 ** 20));
  }

  /** Up to this share of the files: mostly a small part of it. */
  part(share: number): number {
    return Math.round(this.files * share * this.random() ** 2);
  }

  chunks(day: Day, chunks: number, incompressible: number): void {
    day.chunks += chunks;
    day.incompressible += Math.round(chunks * incompressible);
  }

  change(day: Day, count: number, incompressible: number): void {
    const changed = Math.min(count, this.files - day.changed - day.deleted);
    day.changed += changed;
    this.chunks(day, changed, incompressible);
  }

  create(day: Day, count: number, incompressible: number, endings: readonly string[], chunksEach = 1): void {
    day.created += count;
    this.chunks(day, count * chunksEach, incompressible);
    for (const [i, ending] of endings.entries()) {
      const own = Math.floor(count / endings.length) + (i < count % endings.length ? 1 : 0);
      if (own > 0) day.endings.set(ending, (day.endings.get(ending) ?? 0) + own);
    }
  }

  remove(day: Day, count: number): void {
    day.deleted += Math.min(count, this.files - day.changed - day.deleted);
  }

  move(day: Day, count: number, ending: string): void {
    this.remove(day, count);
    this.create(day, count, 0, [ending], 0);
  }

  /** Written anew under other names, and the old ones deleted. */
  replace(day: Day, count: number, incompressible: number, endings: readonly string[]): void {
    this.remove(day, count);
    this.create(day, count, incompressible, endings);
  }

  /** The run of the evening: its record and its snapshot. */
  #leave(number: number, day: Day): void {
    const landed = new Date(FIRST_DAY + number * DAY_MS);
    const run = makeRunId(landed, Buffer.from([0, 0, 0, 1]));
    const isFirst = this.records.length === 0;
    const known = isFirst ? 0 : this.files;
    this.files = known + day.created - day.deleted;
    this.records.unshift(landedRecord({ landed, record: { run, ...endingsOf(day) }, counts: countsOf(day, known) }));
    const totals = { files: this.files, bytes: this.files * this.bytesPerFile };
    this.snapshots.unshift({
      name: snapshotName(run, 0),
      landed,
      run,
      roots: ['/home/ada'],
      totals,
    });
  }
}

const countsOf = (day: Day, known: number): Partial<RunRecord['counts']> => ({
  filesNew: day.created,
  filesChanged: day.changed,
  filesDeleted: day.deleted,
  filesUnchanged: known - day.changed - day.deleted,
  chunksNew: Math.round(day.chunks),
  chunksIncompressible: Math.round(day.incompressible),
});

const endingsOf = (day: Day): Pick<RunRecord, 'newEndings'> => ({
  newEndings: [...day.endings]
    .map(([ending, files]) => ({ ending, files }))
    .sort((a, b) => b.files - a.files)
    .slice(0, 5),
});

export interface Attack {
  readonly attack: (day: Day, device: OfficeDevice) => void;
  /** Or once. */
  readonly everyDay: boolean;
}

/** So much of the files, with such content, under the same names or others. */
const encrypting = (
  share: number,
  how: {
    readonly renamed?: readonly string[];
    readonly atTheBeginning?: true;
    readonly everyDay?: true;
  } = {},
): Attack => ({
  everyDay: how.everyDay ?? false,
  attack: (day, device) => {
    const count = Math.round(device.files * share);
    const incompressible = how.atTheBeginning ? device.documentsIncompressible : ENCRYPTED;
    if (how.renamed === undefined) device.change(day, count, incompressible);
    else device.replace(day, count, incompressible, how.renamed);
  },
});

const deleting = (into: 'elsewhere' | 'archives'): Attack => ({
  everyDay: false,
  attack: (day, device) => {
    const count = Math.round(device.files * 0.95);
    device.remove(day, count);
    const chunksEach = Math.ceil((count * device.bytesPerFile) / 20 / 2 ** 20);
    if (into === 'archives') device.create(day, 20, ENCRYPTED, ['.bin'], chunksEach);
  },
});

const LOCKED = ['.locked'];
/** Each its own, so that none of them is frequent. */
const RANDOM: readonly string[] = [];

export const ATTACKS: readonly (readonly [string, Attack])[] = [
  ['95 % of the files encrypted, same names', encrypting(0.95)],
  ['95 % encrypted, renamed with one ending', encrypting(0.95, { renamed: LOCKED })],
  ['95 % encrypted, renamed at random', encrypting(0.95, { renamed: RANDOM })],
  ['95 % encrypted at their beginning only, same names', encrypting(0.95, { atTheBeginning: true })],
  [
    '95 % encrypted at their beginning only, renamed with one ending',
    encrypting(0.95, { atTheBeginning: true, renamed: LOCKED }),
  ],
  [
    '95 % encrypted at their beginning only, renamed at random',
    encrypting(0.95, { atTheBeginning: true, renamed: RANDOM }),
  ],
  ['a third encrypted, same names', encrypting(0.33)],
  ['a third encrypted, renamed with one ending', encrypting(0.33, { renamed: LOCKED })],
  ['a third encrypted, renamed at random', encrypting(0.33, { renamed: RANDOM })],
  ['10 % encrypted each day, same names', encrypting(0.1, { everyDay: true })],
  ['10 % encrypted each day, renamed with one ending', encrypting(0.1, { renamed: LOCKED, everyDay: true })],
  ['10 % encrypted each day, renamed at random', encrypting(0.1, { renamed: RANDOM, everyDay: true })],
  ['3 % encrypted each day, same names', encrypting(0.03, { everyDay: true })],
  ['3 % encrypted each day, renamed with one ending', encrypting(0.03, { renamed: LOCKED, everyDay: true })],
  ['95 % deleted, written outside the folders that are backed up', deleting('elsewhere')],
  ['95 % deleted, written into a few encrypted archives beside them', deleting('archives')],
];
