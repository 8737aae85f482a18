/** How much of each pack the newest snapshots need. */
import type { NightSnapshot } from './night-snapshot.ts';
import type { PackBook } from './pack-book.ts';

/** By number in the book, the larger figure of the newest snapshots of each set of roots; 0 where none names it. */
export function liveBytes(book: PackBook, snapshots: readonly NightSnapshot[]): Float64Array {
  const live = new Float64Array(book.packs.length);
  for (const snapshot of newestOfEachRoots(snapshots)) {
    for (const { kind, run, ofRun, number } of book.namedBy(snapshot)) {
      if (number === undefined) continue;
      const bytes = Math.min(snapshot.live[kind][run]?.[String(ofRun)] ?? Infinity, book.bytes(number));
      live[number] = Math.max(live[number] as number, bytes);
    }
  }
  return live;
}

/** Of each set of roots the newest finished snapshot and the newest of any kind: nobody asks for live bytes of others. */
export function newestOfEachRoots(snapshots: readonly NightSnapshot[]): Set<NightSnapshot> {
  const newest = new Map<string, NightSnapshot>();
  for (const snapshot of snapshots) {
    const roots = JSON.stringify([...snapshot.roots].sort());
    for (const kind of snapshot.finished ? ['any', 'finished'] : ['any'])
      if (!newest.has(`${kind} ${roots}`)) newest.set(`${kind} ${roots}`, snapshot);
  }
  return new Set(newest.values());
}
