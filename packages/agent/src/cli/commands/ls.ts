/** `ls`: what lies in a snapshot. */
import { EXIT_CODES } from '@backup-agent/core';
import type { CatalogEntry } from '@backup-agent/core';
import { listEntries } from '../../inspect/list-entries.ts';
import { absolutePath, openSnapshot } from '../../inspect/open-snapshot.ts';
import { parseSnapshotSelector } from '../../inspect/snapshot-selector.ts';
import { defineCommand } from '../define-command.ts';
import { entryJson, entryLine } from '../output/entry-text.ts';
import { inspecting } from '../inspecting.ts';

export default defineCommand({
  args: {
    snapshot: { type: 'positional', count: 'one', describe: '"latest", the beginning of a name, or a time' },
    path: { type: 'positional', count: 'optional', describe: 'a folder or file, as it was named on its machine' },
    recursive: { type: 'flag', describe: 'everything below, too' },
    long: { type: 'flag', describe: 'also mode, owner, size and time' },
  },
  notes: 'Exit code 7: parts of the catalog are damaged; what they held is not listed.',
  examples: ['backup-agent ls latest', 'backup-agent ls "2026-11-20 14:00" ~/Documents --long'],
  async run(args, context) {
    const { deps, damages } = await inspecting(context);
    const opened = await openSnapshot(parseSnapshotSelector(args.snapshot), deps);
    const { name, landed, snapshot } = opened.landed;
    const list = context.out.list({ snapshot: name, landed, roots: snapshot.roots }, 'entries');
    for await (const entry of listEntries(opened, args.path, args)) {
      const path = absolutePath(snapshot.roots, entry);
      await list.item(entryJson(path, entry), args.long ? entryLine(path, entry) : plainLine(path, entry));
    }
    await list.end({ damaged: damages });
    return damages.length === 0 ? 0 : EXIT_CODES.OBJECT_DAMAGED;
  },
});

const plainLine = (path: string, { kind }: CatalogEntry): string => (kind === 'folder' ? `${path}/` : path);
