/** `pin`: a snapshot that does not expire. */
import { findSnapshot } from '@backup-agent/core';
import { sayPin } from '../../administer/say.ts';
import { parseSnapshotSelector } from '../../inspect/snapshot-selector.ts';
import { administering, checkedReason, REASON_ARG, sayingJson } from '../administering.ts';
import { defineCommand } from '../define-command.ts';
import { formatTime } from '../units.ts';

export default defineCommand({
  args: {
    snapshot: { type: 'positional', count: 'one', describe: '"latest", the beginning of a name, or a time' },
    reason: REASON_ARG,
  },
  notes:
    'A pinned snapshot stays until "unpin", whatever the policy says. For administrators; --device names the device.',
  examples: ['backup-agent pin "2026-12-31" --device laptop-7 --reason "accounts of 2026"'],
  async run(args, context) {
    const reason = checkedReason(args.reason);
    const selector = parseSnapshotSelector(args.snapshot);
    const said = await administering(context, async ({ repository, by, deps }) => {
      const { device } = repository;
      const { name: snapshot } = await findSnapshot(repository, selector);
      return { device, snapshot, ...(await sayPin({ device, snapshot, state: 'pinned', by, reason }, deps)) };
    });
    const { device, snapshot, outcome, holding } = said;
    context.out.json({ device, snapshot, state: 'pinned', outcome, ...sayingJson(holding) });
    context.out.line(
      outcome === 'unchanged' && holding !== undefined
        ? `Snapshot ${snapshot} of ${device} is pinned already, since ${formatTime(holding.landed)} by ${holding.word.by}; nothing was changed.`
        : `Snapshot ${snapshot} of ${device} is pinned: it does not expire.`,
    );
    return 0;
  },
});
