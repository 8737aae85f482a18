/** `device retire`: nobody expects to hear from this device any more. */
import { sayDeviceWord } from '../../administer/say.ts';
import { administering, requireDevice, sayingJson } from '../administering.ts';
import { defineCommand } from '../define-command.ts';

export default defineCommand({
  args: {
    deviceId: { type: 'positional', count: 'one', describe: 'the device, as "device list" shows it' },
  },
  notes:
    'Its backups stay, and the policy goes on to decide about them; its newest snapshot never expires. It may still back up: take its credentials away as well. For administrators.',
  async run(args, context) {
    const { device, outcome, holding } = await administering(context, async ({ repository, by, deps }) => {
      const device = await requireDevice(args.deviceId, repository.store);
      return { device, ...(await sayDeviceWord({ device, state: 'retired', by }, deps)) };
    });
    context.out.json({ device, state: 'retired', outcome, ...sayingJson(holding) });
    context.out.line(
      outcome === 'unchanged'
        ? `Device ${device} is retired already; nothing was changed.`
        : `Device ${device} is retired: nobody waits for its backups.`,
    );
    return 0;
  },
});
