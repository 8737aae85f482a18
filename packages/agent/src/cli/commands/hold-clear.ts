/** `hold clear`: maintenance may remove what expires of a device again. */
import { sayHold } from '../../administer/say.ts';
import { administering, checkedReason, REASON_ARG, requireDevice, sayingJson } from '../administering.ts';
import { defineCommand } from '../define-command.ts';

export default defineCommand({
  args: {
    deviceId: { type: 'positional', count: 'one', describe: 'the device, as "hold list" shows it' },
    reason: REASON_ARG,
  },
  notes:
    'What expired meanwhile goes with the next maintenance. Snapshots that must stay can be pinned. For administrators.',
  examples: ['backup-agent hold clear laptop-7 --reason "restored and cleaned"'],
  async run(args, context) {
    const reason = checkedReason(args.reason);
    const { device, outcome, holding } = await administering(context, async ({ repository, by, deps }) => {
      const device = await requireDevice(args.deviceId, repository.store);
      return { device, ...(await sayHold({ device, state: 'released', by, reason }, deps)) };
    });
    context.out.json({ device, state: 'released', outcome, ...sayingJson(holding) });
    context.out.line(
      outcome === 'unchanged'
        ? `Device ${device} is not held; nothing was changed.`
        : `Device ${device} is not held any more: what has expired goes with the next maintenance.`,
    );
    return 0;
  },
});
