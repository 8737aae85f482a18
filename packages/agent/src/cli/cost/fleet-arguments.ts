/** The figures of a fleet on the command line, and where each comes from. */
import { BackupError, DEFAULT_FIGURES, PACK_TIERINGS } from '@backup-agent/core';
import type { FleetFigures, PackTiering } from '@backup-agent/core';
import type { ArgumentValues } from '../define-command.ts';

export const FLEET_ARGS = {
  users: {
    type: 'number',
    value: 'n',
    min: 0,
    max: 1_000_000,
    describe: 'devices that are backed up (500; with --from-repo 1)',
  },
  gbPerUser: { type: 'text', value: 'gb', describe: 'documents of each, in GB (20)' },
  filesPerUser: { type: 'number', value: 'n', min: 0, max: 100_000_000, describe: 'files of each (20000)' },
  dailyChange: { type: 'text', value: 'percent', describe: 'how much of that changes in a day (1)' },
  retentionDays: {
    type: 'number',
    value: 'days',
    min: 1,
    max: 36_500,
    describe: 'how long older versions are kept (30)',
  },
  softDeleteDays: {
    type: 'number',
    value: 'days',
    min: 0,
    max: 3650,
    describe: 'how long what was removed can be brought back (14)',
  },
  packTiering: { type: 'text', value: 'class', choices: PACK_TIERINGS, describe: 'where packs lie (intelligent)' },
  transitionDays: {
    type: 'number',
    value: 'days',
    min: 0,
    max: 365,
    describe: 'glacier-ir, glacier: when packs are moved there (7)',
  },
  reduction: {
    type: 'text',
    value: 'share',
    describe: 'what deduplication and compression leave of the documents, 0.7 for 70 % (0.7)',
  },
  verifyPacks: {
    type: 'number',
    value: 'n',
    min: 0,
    max: 1000,
    describe: 'packs that each device reads back in a night, to verify them (1)',
  },
} as const;

export type Origin = 'given' | 'measured' | 'assumed';

export interface Fleet {
  readonly figures: FleetFigures;
  readonly origins: Readonly<Record<keyof FleetFigures, Origin>>;
  readonly tiering: PackTiering;
}

/** What is given goes before what is measured, that before the defaults. Throws CONFIG_INVALID. */
export function fleetOf(args: ArgumentValues<typeof FLEET_ARGS>, measured: Partial<FleetFigures>): Fleet {
  const given = withoutUndefined<FleetFigures>({
    users: args.users,
    gbPerUser: decimal('--gb-per-user', args.gbPerUser, { min: 0, max: 1_000_000 }),
    filesPerUser: args.filesPerUser,
    dailyChange: shareOf(decimal('--daily-change', args.dailyChange?.replace(/ ?%$/, ''), { min: 0, max: 100 })),
    retentionDays: args.retentionDays,
    softDeleteDays: args.softDeleteDays,
    transitionDays: args.transitionDays,
    reduction: decimal('--reduction', args.reduction, { min: 0.01, max: 1 }),
    verifiedPacks: args.verifyPacks,
  });
  const origin = (name: string): Origin => (name in given ? 'given' : name in measured ? 'measured' : 'assumed');
  const figures = { ...DEFAULT_FIGURES, ...measured, ...given };
  return {
    figures,
    origins: Object.fromEntries(Object.keys(figures).map((name) => [name, origin(name)])) as Fleet['origins'],
    tiering: PACK_TIERINGS.find((tiering) => tiering === args.packTiering) ?? 'intelligent',
  };
}

const shareOf = (percent: number | undefined): number | undefined =>
  percent === undefined ? undefined : percent / 100;

function decimal(
  name: string,
  text: string | undefined,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw new BackupError('CONFIG_INVALID', `${name}: "${text}" is not a number from ${min} to ${max}`, {
    hint: 'write decimals with a point, for instance 0.7',
  });
}

const withoutUndefined = <Values extends object>(values: {
  readonly [Name in keyof Values]?: Values[Name] | undefined;
}): Partial<Values> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Values>;
