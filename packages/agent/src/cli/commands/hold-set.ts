/** `hold set`: from now on maintenance removes nothing of a device. */
import { sayHold } from '../../administer/say.ts';
import { administering, checkedReason, REASON_ARG, requireDevice, sayingJson } from '../administering.ts';
import { defineCommand } from '../define-command.ts';
import { formatTime } from '../units.ts';

export default defineCommand({
  args: {
    deviceId: { type: 'positional', count: 'one', describe: 'the device, as "device list" shows it' },
    reason: REASON_ARG,
  },
  notes:
    'Backups go on. No snapshot of the device expires and no pack of it is removed, until "hold clear". For administrators.',
  examples: ['backup-agent hold set laptop-7 --reason "files encrypted by malware, restore first"'],
  async run(args, context) {
    const reason = checkedReason(args.reason);
    const { device, outcome, holding } = await administering(context, async ({ repository, by, deps }) => {
      const device = await requireDevice(args.deviceId, repository.store);
      return { device, ...(await sayHold({ device, state: 'held', by, reason }, deps)) };
    });
    context.out.json({ device, state: 'held', outcome, ...sayingJson(holding) });
    context.out.line(
      outcome === 'unchanged' && holding !== undefined
        ? `Device ${device} is held already, since ${formatTime(holding.landed)} by ${holding.word.by}; nothing was changed.`
        : `Device ${device} is held: maintenance that begins from now on removes nothing of it.`,
    );
    return 0;
  },
});
