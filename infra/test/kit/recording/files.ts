/** The recordings that are committed, and what makes them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Who } from '../simulate.ts';
import type { GuardedServer, Recorded } from './guarded-server.ts';
import type { RecordedRequest } from './request.ts';

/** Whose requests lie in which file of test/recorded. */
export const RECORDINGS = {
  device: ['device dev-1'],
  administrator: ['administrator'],
  restore: ['restore'],
  'break-glass': ['break-glass'],
  night: ['coordinator', 'worker'],
  /** Where packs lie in Glacier, and devices have certificates. */
  cold: ['certificate dev-1', 'restore'],
} as const satisfies Record<string, readonly Who[]>;

export type RecordingName = keyof typeof RECORDINGS;

/** Set to 1, recordings are written instead of compared. */
const VARIABLE = 'BACKUP_AGENT_RECORD';

const fileOf = (name: RecordingName): string => path.join(import.meta.dirname, `../../recorded/${name}.json`);

export const readRecording = (name: RecordingName): Recorded =>
  JSON.parse(readFileSync(fileOf(name), 'utf8')) as Recorded;

/** Tests that what was asked of a server until then is what is committed. */
export function describeRecordings(names: readonly RecordingName[], server: () => GuardedServer): void {
  describe('what was asked is what is committed', () => {
    test.each(names)(`test/recorded/%s.json (${VARIABLE}=1 writes it anew)`, (name) => {
      const recorded = sorted(RECORDINGS[name].map((who) => server().recorded(who)));
      expect(recorded.allowed.length).toBeGreaterThan(0);
      if (process.env[VARIABLE] === '1') writeFileSync(fileOf(name), `${JSON.stringify(recorded, undefined, 2)}\n`);
      else expect(recorded).toEqual(readRecording(name));
    });
  });
}

/** In an order that does not tell when they came. */
function sorted(parts: readonly Recorded[]): Recorded {
  const inOrder = (requests: readonly RecordedRequest[]): RecordedRequest[] =>
    requests.toSorted((a, b) => (sortTextOf(a) < sortTextOf(b) ? -1 : 1));
  return {
    allowed: inOrder(parts.flatMap(({ allowed }) => allowed)),
    refused: inOrder(parts.flatMap(({ refused }) => refused)),
  };
}

/** Who, what, on what, and then how. */
const sortTextOf = (request: RecordedRequest): string => {
  const { principal, operation } = request;
  return [principal, operation, 'key' in request ? request.key : request.resource, JSON.stringify(request)].join(' ');
};
