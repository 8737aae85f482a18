/**
 * The policies and what was really asked under them (../recorded; ../long/recorded-calls.test.ts makes it): they allow
 * all of it, and to nobody else.
 */
import { describe, expect, test } from 'vitest';
import { callsOf } from '../kit/recording/calls.ts';
import { readRecording } from '../kit/recording/files.ts';
import type { RecordingName } from '../kit/recording/files.ts';
import type { Recorded } from '../kit/recording/guarded-server.ts';
import type { RecordedRequest } from '../kit/recording/request.ts';
import { serviceArnsOf } from '../kit/recording/service-arns.ts';
import { deploy } from '../kit/resolve-template.ts';
import { simulatorOf } from '../kit/simulate.ts';
import type { Call, Who } from '../kit/simulate.ts';
import { BY_DEFAULT, WITH_ALL } from '../kit/stacks.ts';
import type { Synthesized } from '../kit/synthesize.ts';

const mapped = ({ allowed, refused }: Recorded, change: (request: RecordedRequest) => RecordedRequest): Recorded => ({
  allowed: allowed.map(change),
  refused: refused.map(change),
});
const by = (principal: Who) => (request: RecordedRequest) => ({ ...request, principal });

interface Stage {
  readonly label: string;
  readonly synthesized: Synthesized;
  readonly recordings: Readonly<Partial<Record<RecordingName, Recorded>>>;
}

const STAGES: readonly Stage[] = [
  {
    label: 'by default',
    synthesized: BY_DEFAULT,
    recordings: {
      device: readRecording('device'),
      administrator: readRecording('administrator'),
      restore: readRecording('restore'),
      'break-glass': readRecording('break-glass'),
      night: readRecording('night'),
    },
  },
  {
    label: 'with certificates, packs in Glacier',
    synthesized: WITH_ALL,
    recordings: {
      // It may do the same, whatever tells who it is.
      device: mapped(readRecording('device'), by('certificate dev-1')),
      restore: readRecording('restore'),
      cold: readRecording('cold'),
    },
  },
];

const textOf = (request: RecordedRequest): string =>
  'key' in request
    ? `${request.principal}: ${request.operation} "${request.key}"`
    : `${request.principal}: ${request.operation} on ${request.resource}`;

describe.each(STAGES)('what was asked, $label', ({ synthesized, recordings }) => {
  const arns = serviceArnsOf(deploy(synthesized).service);
  const simulate = simulatorOf(synthesized);
  const isAllowed = async (request: RecordedRequest): Promise<boolean> => {
    for (const call of callsOf(request, arns)) if ((await simulate(call)) === 'denied') return false;
    return true;
  };

  describe.each(Object.entries(recordings))('%s', (_, { allowed, refused }) => {
    test('all that the work needs is allowed', async () => {
      expect(allowed.length).toBeGreaterThan(0);
      for (const request of allowed)
        expect([textOf(request), await isAllowed(request)]).toEqual([textOf(request), true]);
    });

    test('what was refused, and done without, is refused', async () => {
      for (const request of refused)
        expect([textOf(request), await isAllowed(request)]).toEqual([textOf(request), false]);
    });
  });
});

describe('another device', () => {
  const ofOther = readRecording('device').allowed.filter((request) => textOf(request).includes('/dev-1/'));
  const arns = serviceArnsOf(deploy(BY_DEFAULT).service);

  test.each([
    ['by its tag', BY_DEFAULT, 'device dev-2'],
    ['by its certificate', WITH_ALL, 'certificate dev-2'],
  ] as const)('%s: is denied all of it', async (_, synthesized, principal) => {
    const simulate = simulatorOf(synthesized);
    const calls = distinct(ofOther.flatMap((request) => callsOf({ ...request, principal }, arns)));
    // The key is the same for all devices: objects are what they are kept apart by.
    const onObjects = calls.filter(({ action }) => action.startsWith('s3:'));
    expect(onObjects.length).toBeGreaterThan(10);
    for (const call of onObjects) expect([call, await simulate(call)]).toEqual([call, 'denied']);
  });
});

/** Two requests may come down to the same call. */
function distinct(calls: readonly Call[]): Call[] {
  return [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
}
