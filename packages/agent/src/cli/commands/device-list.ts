/** `device list`: the devices of a repository, and how old their newest snapshots are. */
import { describeFleet } from '../../administer/fleet.ts';
import type { FleetDevice } from '../../administer/fleet.ts';
import { administering, sayingJson } from '../administering.ts';
import { defineCommand } from '../define-command.ts';
import { formatTime } from '../units.ts';

export default defineCommand({
  args: {},
  notes:
    'Enrolled: one expects to hear from it. Seen only: the same, for it has backups, and nobody has said anything. Retired: one expects nothing any more. Times are those at which the store had the snapshot.',
  async run(_args, context) {
    const { out, report } = context;
    const { location, fleet } = await administering(context, async ({ repository }) => ({
      location: repository.store.location,
      fleet: await describeFleet(repository, (message) => report({ type: 'warning', message })),
    }));
    out.json({ repository: location, devices: fleet.map(jsonOf) });
    if (fleet.length === 0) out.line('There is no device yet.');
    else out.table(COLUMNS, fleet.map(rowOf));
    return 0;
  },
});

const jsonOf = ({ device, word, newest, hold }: FleetDevice): object => ({
  device,
  state: word?.word.state ?? 'seen',
  newestSnapshot: newest === undefined ? null : { name: newest.name, landed: newest.landed },
  hold: hold === undefined ? null : sayingJson(hold),
});

const COLUMNS = [{ title: 'device' }, { title: 'state' }, { title: 'newest snapshot' }, { title: 'hold' }] as const;

const rowOf = ({ device, word, newest, hold }: FleetDevice): string[] => [
  device,
  word?.word.state ?? 'seen only',
  newest === undefined ? 'none' : formatTime(newest.landed),
  hold === undefined ? '-' : `since ${formatTime(hold.landed)}`,
];
