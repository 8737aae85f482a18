/** What was measured, as the table of docs/nightly.md, and what it costs. */
import os from 'node:os';
import type { Usage } from '../../test/kit/lambda-function.ts';
import { dollarsOfLambda, dollarsOfQueue, dollarsOfRequests } from './prices.ts';

export interface Part {
  readonly what: string;
  readonly usages: readonly Usage[];
  readonly counts: Readonly<Record<string, number>>;
}

const OPERATIONS = ['ListObjectsV2', 'GetObject', 'PutObject', 'DeleteObject'];

export function reportOf(
  parts: readonly Part[],
  { memoryMiB, isLimited }: { readonly memoryMiB: number; readonly isLimited: boolean },
): string {
  const usages = parts.flatMap((part) => part.usages);
  const seconds = usages.reduce((sum, { wallMs }) => sum + wallMs / 1000, 0);
  const lambda = dollarsOfLambda({ seconds, invocations: usages.length, memoryMiB });
  const requests = parts.reduce((sum, { counts }) => sum + dollarsOfRequests(counts), 0);
  const queue = dollarsOfQueue(3 * usages.length);
  const dollars = (value: number): string => `$${value.toFixed(4)}`;
  return [
    '',
    `${os.cpus()[0]?.model ?? 'unknown'}, Node ${process.version}; ${isLimited ? '' : 'NOT '}limited to the CPU share of ${memoryMiB} MiB`,
    '',
    '| | times | seconds each | CPU seconds each | MiB at most | LIST | GET | PUT | DELETE |',
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...parts.map(rowOf),
    '',
    `Lambda ${seconds.toFixed(0)} s: ${dollars(lambda)}; S3 requests: ${dollars(requests)}; queue: ${dollars(queue)}; a night: ${dollars(lambda + requests + queue)}`,
    '',
  ].join('\n');
}

function rowOf({ what, usages, counts }: Part): string {
  const mean = (total: number): number => total / usages.length;
  const meanOf = (value: (usage: Usage) => number): string =>
    (mean(usages.reduce((sum, usage) => sum + value(usage), 0)) / 1000).toFixed(2);
  const memory = Math.ceil(Math.max(...usages.map(({ rssBytesMax }) => rssBytesMax)) / 1024 ** 2);
  const requests = OPERATIONS.map((operation) => String(Math.round(mean(counts[operation] ?? 0))));
  const cells = [what, usages.length, meanOf((u) => u.wallMs), meanOf((u) => u.cpuMs), memory, ...requests];
  return `| ${cells.join(' | ')} |`;
}
