/** `snapshots`: lists them. */
import { EXIT_CODES } from '@backup-agent/core';
import type { BackupError, LandedSnapshot, SnapshotName } from '@backup-agent/core';
import { allSnapshots } from '../../inspect/all-snapshots.ts';
import { visiblePins } from '../../inspect/visible-pins.ts';
import { defineCommand } from '../define-command.ts';
import { formatBytes, formatCount, formatTime } from '../units.ts';

export default defineCommand({
  args: {
    tag: { type: 'list', value: 'tag', describe: 'only snapshots with this tag' },
    last: { type: 'number', value: 'n', min: 1, max: 100_000, describe: 'only the newest n' },
  },
  notes:
    'Newest first. Times are those at which the store had the snapshot. Exit code 7: a snapshot or a pin cannot be read. With --json "pinned" is null where that may not be seen.',
  async run(args, { out, openRepository, report }) {
    const { repository } = await openRepository({ despiteDamage: true });
    const damaged: string[] = [];
    const onDamage = (error: BackupError): void => {
      damaged.push(error.key ?? '');
      report({ type: 'warning', message: error.message });
    };
    const all = await allSnapshots(repository, onDamage);
    const pins = await visiblePins(repository, onDamage);
    const tagged = all.filter(({ snapshot }) => args.tag.every((tag) => snapshot.tags.includes(tag)));
    const shown = tagged.slice(0, args.last ?? tagged.length);
    out.json({
      device: repository.device,
      repository: repository.store.location,
      snapshots: shown.map((snapshot) => jsonOf(snapshot, pins)),
      damaged,
    });
    // The device is named: it may be mistyped, or another machine's.
    if (shown.length === 0)
      out.line(all.length === 0 ? `There is no snapshot of ${repository.device} yet.` : 'No snapshot has this tag.');
    else
      out.table(
        COLUMNS,
        shown.map((snapshot) => rowOf(snapshot, pins)),
      );
    return damaged.length === 0 ? 0 : EXIT_CODES.OBJECT_DAMAGED;
  },
});

/** Undefined: this user may not see what is pinned. */
type Pins = ReadonlySet<SnapshotName> | undefined;

const jsonOf = ({ name, landed, snapshot }: LandedSnapshot, pins: Pins): object => {
  const { machine, started, finished, roots, tags, totals } = snapshot;
  const pinned = pins?.has(name) ?? null;
  return { name, landed, started, finished, pinned, host: machine.host, user: machine.user, roots, tags, totals };
};

const COLUMNS = [
  { title: 'snapshot' },
  { title: 'landed' },
  { title: 'files', align: 'right' },
  { title: 'size', align: 'right' },
  { title: 'state' },
  { title: 'folders' },
] as const;

function rowOf({ name, landed, snapshot }: LandedSnapshot, pins: Pins): string[] {
  const { totals, roots, tags, finished } = snapshot;
  const state = finished
    ? totals.unreadable === 0
      ? 'ok'
      : `${formatCount(totals.unreadable)} unreadable`
    : 'unfinished';
  const [first, ...others] = roots.map((root) => root.path);
  const paths = others.length > 2 ? `${first} and ${others.length} others` : [first, ...others].join(', ');
  return [
    name,
    formatTime(landed),
    formatCount(totals.files),
    formatBytes(totals.bytes),
    pins?.has(name) === true ? `${state}, pinned` : state,
    tags.length === 0 ? paths : `${paths}  [${tags.join(', ')}]`,
  ];
}
