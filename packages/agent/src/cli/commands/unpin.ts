/** `unpin`: a snapshot may expire again. */
import { sayPin } from '../../administer/say.ts';
import { snapshotToUnpin } from '../../administer/snapshot-to-unpin.ts';
import { parseSnapshotSelector } from '../../inspect/snapshot-selector.ts';
import { administering, checkedReason, REASON_ARG, sayingJson } from '../administering.ts';
import { defineCommand } from '../define-command.ts';

export default defineCommand({
  args: {
    snapshot: { type: 'positional', count: 'one', describe: '"latest", the beginning of a name, or a time' },
    reason: REASON_ARG,
  },
  notes: 'The policy decides about the snapshot again. For administrators; --device names the device.',
  async run(args, context) {
    const reason = checkedReason(args.reason);
    const selector = parseSnapshotSelector(args.snapshot);
    const said = await administering(context, async ({ repository, by, deps }) => {
      const { device } = repository;
      const snapshot = await snapshotToUnpin(repository, selector);
      return { device, snapshot, ...(await sayPin({ device, snapshot, state: 'unpinned', by, reason }, deps)) };
    });
    const { device, snapshot, outcome, holding } = said;
    context.out.json({ device, snapshot, state: 'unpinned', outcome, ...sayingJson(holding) });
    context.out.line(
      outcome === 'unchanged'
        ? `Snapshot ${snapshot} of ${device} is not pinned; nothing was changed.`
        : `Snapshot ${snapshot} of ${device} is not pinned any more: the policy decides about it.`,
    );
    return 0;
  },
});
