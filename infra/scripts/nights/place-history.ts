/** The nights before: a report of each, as large as the one that was measured. */
import {
  decodeNightResult,
  decodeNightSummary,
  encodeNightResult,
  encodeNightSummary,
  makeRunId,
  nightPrefix,
  nightResultKey,
  reportKey,
} from '@backup-agent/core';
import type { RunId } from '@backup-agent/core';
import type { Objects } from './light-s3.ts';

const DAY_MS = 24 * 3_600_000;
const NIGHTS_BEFORE = 29;

/** Copies the report of `night` into earlier nights, and its results into a later one, whose name it returns. */
export function placeHistory(objects: Objects, night: RunId, now: Date): RunId {
  const put = (key: string, content: Buffer): void =>
    objects.put(key, { content, bytes: content.length, etag: 'e', modified: now });
  const nightAfter = (days: number): RunId => makeRunId(new Date(+now + days * DAY_MS), Buffer.from([0, 0, 0, 1]));
  const read = (key: string): Buffer => objects.get(key)?.content ?? Buffer.alloc(0);
  const summary = decodeNightSummary(read(reportKey(night, 'json')), 'report.json');
  for (let n = 1; n <= NIGHTS_BEFORE; n++) {
    const ended = new Date(Date.parse(summary.ended) - n * DAY_MS).toISOString();
    put(reportKey(nightAfter(-n), 'json'), encodeNightSummary({ ...summary, night: nightAfter(-n), ended }));
  }
  const next = nightAfter(1);
  for (const [key, object] of objects.under(nightPrefix(night), '')) {
    const result = decodeNightResult(object?.content ?? Buffer.alloc(0), key);
    put(nightResultKey(next, result.device), encodeNightResult({ ...result, night: next }));
  }
  return next;
}
