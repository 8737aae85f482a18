/** `cat`: a file's bytes. */
import { openSnapshot } from '../../inspect/open-snapshot.ts';
import { readFile } from '../../inspect/read-file.ts';
import { parseSnapshotSelector } from '../../inspect/snapshot-selector.ts';
import { defineCommand } from '../define-command.ts';
import { inspecting } from '../inspecting.ts';

export default defineCommand({
  args: {
    snapshot: { type: 'positional', count: 'one', describe: '"latest", the beginning of a name, or a time' },
    path: { type: 'positional', count: 'one', describe: 'a file, as it was named on its machine' },
  },
  notes:
    'Each piece is verified before it is written. Exit code 7: the file is damaged; what was written until then is right, but not all of it. With --json: the pieces in base64.',
  examples: ['backup-agent cat latest ~/Documents/notes.txt > notes.txt'],
  async run(args, context) {
    const { deps } = await inspecting(context);
    const opened = await openSnapshot(parseSnapshotSelector(args.snapshot), deps);
    const { out, isJson } = context;
    const list = out.list({ snapshot: opened.landed.name, path: args.path }, 'base64');
    let size = 0;
    for await (const bytes of readFile(opened, args.path, deps)) {
      size += bytes.length;
      if (isJson) await list.item(Buffer.from(bytes).toString('base64'), undefined);
      else await out.bytes(bytes);
    }
    await list.end({ size });
    return 0;
  },
});
