/**
 * The policies and what was really asked under them (../recorded; ../long/recorded-calls.test.ts makes it): they allow
 * all of it, nothing else, and to nobody else.
 */
import { describe, expect, test } from 'vitest';
import { folderOf, PREFIXES, SAMPLE_KEYS } from '../kit/key-kinds.ts';
import { permissionsOf } from '../kit/permissions.ts';
import { policiesOf, policyNamed } from '../kit/policies.ts';
import { callsOf } from '../kit/recording/calls.ts';
import { readRecording } from '../kit/recording/files.ts';
import type { RecordingName } from '../kit/recording/files.ts';
import type { Recorded } from '../kit/recording/guarded-server.ts';
import type { RecordedRequest } from '../kit/recording/request.ts';
import { serviceArnsOf } from '../kit/recording/service-arns.ts';
import { BUCKET_ARN, deploy } from '../kit/resolve-template.ts';
import { policyOf, simulatorOf, simulatorWith } from '../kit/simulate.ts';
import type { Call, Who } from '../kit/simulate.ts';
import { BY_DEFAULT, WITH_ALL } from '../kit/stacks.ts';
import type { Synthesized } from '../kit/synthesize.ts';
import { JUSTIFIED_FOLDERS, JUSTIFIED_PERMISSIONS } from './rows/justified-rows.ts';
import type { Justified } from './rows/justified-rows.ts';

const mapped = ({ allowed, refused }: Recorded, change: (request: RecordedRequest) => RecordedRequest): Recorded => ({
  allowed: allowed.map(change),
  refused: refused.map(change),
});
const by = (principal: Who) => (request: RecordedRequest) => ({ ...request, principal });

interface Stage {
  readonly label: string;
  readonly synthesized: Synthesized;
  readonly recordings: Readonly<Partial<Record<RecordingName, Recorded>>>;
  /** Whose policies allow nothing that is not in the recordings. */
  readonly policies: readonly string[];
}

const ROLES = ['restore', 'administrator', 'coordinator', 'worker'].map((name) => `role smallbiz-prod-backup-${name}`);
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
    policies: ['policy smallbiz-prod-backup-device', ...ROLES],
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
    policies: ['role smallbiz-prod-backup-device', 'role smallbiz-prod-backup-restore'],
  },
];

const textOf = (request: RecordedRequest): string =>
  'key' in request
    ? `${request.principal}: ${request.operation} "${request.key}"`
    : `${request.principal}: ${request.operation} on ${request.resource}`;

describe.each(STAGES)('what was asked, $label', ({ synthesized, recordings, policies: names }) => {
  const { storage, service } = deploy(synthesized);
  const arns = serviceArnsOf(service);
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

  const calls = distinct(
    Object.values(recordings).flatMap(({ allowed }) => allowed.flatMap((one) => callsOf(one, arns))),
  );

  describe.each(names)('the %s allows', (name) => {
    const permissions = permissionsOf(policyNamed([...policiesOf(storage), ...policiesOf(service)], name));
    const own = calls.filter(({ principal }) => policyOf(principal, synthesized) === name);

    const justified = (rows: readonly Justified[]): string[] =>
      rows.filter(([policy]) => policy === name).map(([, what]) => what);

    test('no action and no pattern that was not asked for, but for what is justified', async () => {
      const unasked: string[] = [];
      for (const { sid, action, on, statement } of permissions) {
        const alone = simulatorWith(synthesized, name, () => [statement]);
        const isAsked = await anyOf(own, async (call) => call.action === action && (await alone(call)) === 'allowed');
        if (!isAsked) unasked.push(`${sid}: ${action} on ${shortened(on)}`);
      }
      expect(unasked.toSorted()).toEqual(justified(JUSTIFIED_PERMISSIONS).toSorted());
    });

    test('what was asked for in no other folder, but for what is justified', async () => {
      const unasked: string[] = [];
      // Whoever lists all is told the names of all, in whatever pieces.
      const listsAll = permissions.some(({ action, on }) => action === 's3:ListBucket' && on === 'v1/*');
      const compared = own.filter((call) => call.action.startsWith('s3:') && !(listsAll && isListing(call)));
      for (const [action, alike] of Map.groupBy(compared, (call) => call.action)) {
        const asked = new Set(alike.map(placeOf));
        for (const call of elsewhere(alike[0] as Call)) {
          if (asked.has(placeOf(call)) || (await simulate(call)) === 'denied') continue;
          unasked.push(`${action} on ${placeOf(call)}`);
        }
      }
      expect(unasked.toSorted()).toEqual(justified(JUSTIFIED_FOLDERS).toSorted());
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

const isListing = ({ action }: Call): boolean => action.startsWith('s3:List');

/** What policies can tell apart of it. */
const placeOf = (call: Call): string => folderOf(isListing(call) ? String(call.context?.['s3:prefix']) : call.resource);

/** The same call on each kind of object that there is, or of each folder. */
const elsewhere = (call: Call): Call[] =>
  isListing(call)
    ? PREFIXES.map((prefix) => ({ ...call, context: { ...call.context, 's3:prefix': prefix } }))
    : SAMPLE_KEYS.map((key) => ({ ...call, resource: key }));

/** A key's pattern, or what is meant of another service, without what only a deployment says. */
const shortened = (on: string): string =>
  on.startsWith(BUCKET_ARN)
    ? on.slice(BUCKET_ARN.length + 1)
    : on.replace(/^arn:aws:\w+:[^:]*:[^:]*:/, '').replace(/[0-9A-F]{8}$/, '');

/** Two requests may come down to the same call. */
function distinct(calls: readonly Call[]): Call[] {
  return [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
}

async function anyOf<T>(items: readonly T[], holds: (item: T) => Promise<boolean>): Promise<boolean> {
  for (const item of items) if (await holds(item)) return true;
  return false;
}
