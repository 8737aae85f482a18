/** Sorts the records of an index segment where they lie: there may be two million of them. */
import { INDEX_RECORDS_MAX } from '../limits.ts';
import { INDEX_RECORD_BYTES } from './index-records.ts';

/** By their bytes: id first, then place. */
export function sortIndexRecords(records: Buffer): void {
  arrange(records, sortedOrder(records));
}

/** Positions of the records in the order of their bytes: id first, then place. */
function sortedOrder(records: Buffer): Float64Array {
  const count = records.length / INDEX_RECORD_BYTES;
  // 32 bits of the id above the position, exact in a double, let the engine's numeric sort do nearly all the work.
  const order = new Float64Array(count);
  for (let i = 0; i < count; i++) order[i] = records.readUInt32BE(i * INDEX_RECORD_BYTES) * INDEX_RECORDS_MAX + i;
  order.sort();
  const compare = (a: number, b: number) =>
    records.compare(
      records,
      b * INDEX_RECORD_BYTES,
      (b + 1) * INDEX_RECORD_BYTES,
      a * INDEX_RECORD_BYTES,
      (a + 1) * INDEX_RECORD_BYTES,
    );
  for (let from = 0; from < count;) {
    const beginning = Math.floor((order[from] as number) / INDEX_RECORDS_MAX);
    let to = from;
    for (; to < count && Math.floor((order[to] as number) / INDEX_RECORDS_MAX) === beginning; to++)
      order[to] = (order[to] as number) % INDEX_RECORDS_MAX;
    // Few begin alike - unless somebody wants to keep a night busy.
    if (to - from > 1) order.subarray(from, to).sort(compare);
    from = to;
  }
  return order;
}

/** Moves the record at `order[i]` to place i, for each i; `order` is used up. */
function arrange(records: Buffer, order: Float64Array): void {
  const aside = Buffer.alloc(INDEX_RECORD_BYTES);
  for (let start = 0; start < order.length; start++) {
    if (order[start] === start) continue;
    records.copy(aside, 0, start * INDEX_RECORD_BYTES, (start + 1) * INDEX_RECORD_BYTES);
    let to = start;
    for (let from = order[to] as number; from !== start; from = order[to] as number) {
      records.copy(records, to * INDEX_RECORD_BYTES, from * INDEX_RECORD_BYTES, (from + 1) * INDEX_RECORD_BYTES);
      order[to] = to;
      to = from;
    }
    aside.copy(records, to * INDEX_RECORD_BYTES);
    order[to] = to;
  }
}
