/** `diff`: what changed between two snapshots. */
import { EXIT_CODES } from '@backup-agent/core';
import { diffSnapshots } from '../../inspect/diff-snapshots.ts';
import type { Difference } from '../../inspect/diff-snapshots.ts';
import { openSnapshot } from '../../inspect/open-snapshot.ts';
import { parseSnapshotSelector } from '../../inspect/snapshot-selector.ts';
import { defineCommand } from '../define-command.ts';
import { inspecting } from '../inspecting.ts';
import { entryJson } from '../output/entry-text.ts';

const SIGNS = { added: '+', removed: '-', content: 'M', metadata: 'm' } as const;

export default defineCommand({
  args: {
    a: {
      type: 'positional',
      count: 'one',
      describe: 'the older snapshot: "latest", the beginning of a name, or a time',
    },
    b: { type: 'positional', count: 'one', describe: 'the newer one' },
    noMetadata: { type: 'flag', describe: 'leave out what differs in mode, owner, time or attributes only' },
  },
  notes: '+ added, - removed, M content changed, m only metadata changed. The exit code is 0 whatever differs.',
  examples: ['backup-agent diff 2026-11-19 latest'],
  async run(args, context) {
    const { deps, damages } = await inspecting(context);
    const a = await openSnapshot(parseSnapshotSelector(args.a), deps);
    const b = await openSnapshot(parseSnapshotSelector(args.b), deps);
    const counts = { added: 0, removed: 0, content: 0, metadata: 0 };
    const list = context.out.list({ a: a.landed.name, b: b.landed.name }, 'differences');
    for await (const difference of diffSnapshots(a, b)) {
      counts[difference.change]++;
      if (difference.change === 'metadata' && args.noMetadata) continue;
      await list.item(jsonOf(difference), `${SIGNS[difference.change]} ${lineOf(difference)}`);
    }
    await list.end({ counts, damaged: damages });
    const { added, removed, content, metadata } = counts;
    context.out.line(`${added} added, ${removed} removed, ${content} changed, ${metadata} in metadata only`);
    return damages.length === 0 ? 0 : EXIT_CODES.OBJECT_DAMAGED;
  },
});

const lineOf = ({ path, before, after }: Difference): string =>
  (after ?? before)?.kind === 'folder' ? `${path}/` : path;

const jsonOf = ({ path, change, before, after }: Difference): object => ({
  path,
  change,
  ...(before === undefined ? {} : { before: entryJson(path, before) }),
  ...(after === undefined ? {} : { after: entryJson(path, after) }),
});
