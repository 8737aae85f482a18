/** `device enroll`: one expects to hear from this device. */
import { parseDeviceId } from '@backup-agent/core';
import { sayDeviceWord } from '../../administer/say.ts';
import { administering, sayingJson } from '../administering.ts';
import { defineCommand } from '../define-command.ts';

export default defineCommand({
  args: {
    deviceId: { type: 'positional', count: 'one', describe: 'the device; it need not have backups yet' },
  },
  notes:
    'Whoever watches the fleet is told when an enrolled device goes quiet. Credentials are another matter: this gives none. For administrators.',
  async run(args, context) {
    const device = parseDeviceId(args.deviceId);
    const { outcome, holding } = await administering(context, ({ by, deps }) =>
      sayDeviceWord({ device, state: 'enrolled', by }, deps),
    );
    context.out.json({ device, state: 'enrolled', outcome, ...sayingJson(holding) });
    context.out.line(
      outcome === 'unchanged'
        ? `Device ${device} is enrolled already; nothing was changed.`
        : `Device ${device} is enrolled: its backups are expected.`,
    );
    return 0;
  },
});
