/** `adopt`: this machine takes over a device that another one backed up as. */
import { adoptDevice } from '../../state/device-owner.ts';
import { machineId } from '../../state/machine.ts';
import { defineCommand } from '../define-command.ts';
import { formatTime } from '../units.ts';

export default defineCommand({
  args: {},
  notes:
    'The next run continues from the last snapshot of the other machine. Adopt a device only when that machine no longer backs up as it: two machines under one name would take each other’s files for deleted.',
  async run(_args, { out, openRepository, surroundings, folders, random }) {
    const { repository, stateFolder } = await openRepository();
    const machine = machineId({ platform: surroundings.platform, stateFolder: folders.state, random });
    const last = await adoptDevice(repository, { machine, stateFolder });
    const { device } = repository;
    out.json({
      device,
      adopted: last !== undefined,
      from:
        last === undefined ? null : { host: last.record.machine.host, lastRun: last.record.run, landed: last.landed },
    });
    out.line(
      last === undefined
        ? `Device ${device} belongs to this machine already, or to none; nothing was changed.`
        : `Device ${device} is this machine's now; ${last.record.machine.host} backed up as it until ${formatTime(last.landed)}.`,
    );
    return 0;
  },
});
