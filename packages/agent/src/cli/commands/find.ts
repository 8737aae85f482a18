/** `find`: where a name occurs, and in which snapshots. */
import { EXIT_CODES, findSnapshot } from '@backup-agent/core';
import { findEntries } from '../../inspect/find-entries.ts';
import type { FoundVersion } from '../../inspect/find-entries.ts';
import { parseSnapshotSelector } from '../../inspect/snapshot-selector.ts';
import { defineCommand } from '../define-command.ts';
import { inspecting } from '../inspecting.ts';
import { entryJson } from '../output/entry-text.ts';
import { formatBytes, formatCountOf, formatTime } from '../units.ts';

export default defineCommand({
  args: {
    pattern: {
      type: 'positional',
      count: 'one',
      describe: 'a name or path; *, ?, [a-z], {a,b} and ** stand for others',
    },
    snapshot: { type: 'text', value: 'snapshot', describe: 'only in this snapshot' },
    ignoreCase: { type: 'flag', describe: 'capital and small letters are the same' },
  },
  notes:
    'A pattern without a slash is compared with names, one with slashes with the ends of paths. Each line is a version: the snapshots from the first to the last that have it. Exit code 0 also if nothing is found; 7: parts of a catalog are damaged.',
  examples: ['backup-agent find "*invoice*.pdf"', 'backup-agent find "Letters/**/*.odt" --ignore-case'],
  async run(args, context) {
    const { out } = context;
    const { deps, damages } = await inspecting(context);
    const only = args.snapshot === undefined ? undefined : parseSnapshotSelector(args.snapshot);
    const snapshots = only === undefined ? {} : { snapshots: [await findSnapshot(deps.repository, only)] };
    const found = await findEntries(args.pattern, { ignoreCase: args.ignoreCase, ...snapshots }, deps);
    out.json({
      pattern: args.pattern,
      found: found.map(({ path, versions }) => ({
        path,
        versions: versions.map(({ entry, ...span }) => ({ ...span, entry: entryJson(path, entry) })),
      })),
      damaged: damages,
    });
    for (const { path, versions } of found) {
      out.line(path);
      for (const version of versions.toReversed()) out.line(`  ${versionLine(version)}`);
    }
    if (found.length === 0) out.line('Nothing is found.');
    return damages.length === 0 ? 0 : EXIT_CODES.OBJECT_DAMAGED;
  },
});

function versionLine({ first, last, lastLanded, snapshots, entry }: FoundVersion): string {
  const what = entry.kind === 'file' ? formatBytes(entry.size ?? 0) : entry.kind;
  const modified = formatTime(new Date(Number(BigInt(entry.mtime) / 1_000_000n)));
  const span = first === last ? last : `${first} to ${last}, ${formatCountOf(snapshots, 'snapshot')}`;
  return `${what}, modified ${modified}: in ${span}, last ${formatTime(lastLanded)}`;
}
