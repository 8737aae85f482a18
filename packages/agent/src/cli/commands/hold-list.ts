/** `hold list`: which devices are held, since when and why. */
import { readHold } from '@backup-agent/core';
import type { DeviceId, HoldWord, NewestWord } from '@backup-agent/core';
import { heldDevices } from '../../administer/fleet.ts';
import { administering, requireDevice, sayingJson } from '../administering.ts';
import { defineCommand } from '../define-command.ts';
import { formatTime } from '../units.ts';

export default defineCommand({
  args: {
    deviceId: {
      type: 'positional',
      count: 'optional',
      describe: 'only this device, also if it is held no more (default: all that are held)',
    },
  },
  notes: 'Times are those at which the store had the word. Exit code 7: a word cannot be read.',
  async run(args, context) {
    const { out } = context;
    const words = await administering(context, async ({ repository: { store } }) => {
      if (args.deviceId === undefined) return heldDevices(store);
      const device = await requireDevice(args.deviceId, store);
      const word = await readHold(store, device);
      return new Map(word === undefined ? [] : [[device, word]]);
    });
    const rows = [...words];
    out.json({ holds: rows.map(([device, said]) => ({ device, state: said.word.state, ...sayingJson(said) })) });
    if (rows.length > 0) out.table(COLUMNS, rows.map(rowOf));
    else out.line(args.deviceId === undefined ? 'No device is held.' : `Device ${args.deviceId} has never been held.`);
    return 0;
  },
});

const COLUMNS = [
  { title: 'device' },
  { title: 'state' },
  { title: 'since' },
  { title: 'by' },
  { title: 'reason' },
] as const;

const rowOf = ([device, { word, landed }]: [DeviceId, NewestWord<HoldWord>]): string[] => [
  device,
  word.state,
  formatTime(landed),
  word.by,
  word.reason === '' ? '-' : word.reason,
];
