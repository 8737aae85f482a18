/** The years of docs/collection-figures.md, and how their figures are written there. */
import { BUCKET_SETTINGS } from '../../../src/index.ts';
import type { YearFigures, YearPlan } from './simulate-year.ts';
import { REQUEST_KINDS } from './sizes-only-store.ts';

export interface NamedYear {
  readonly name: string;
  readonly plan: YearPlan;
}

const YEAR = { days: 365, workload: 'uniform' } as const;

/** What must hold in these is told in the document too. */
export const BOUND_YEARS: readonly NamedYear[] = [
  { name: 'uniform', plan: YEAR },
  { name: 'skewed', plan: { ...YEAR, workload: 'skewed' } },
];

export const OTHER_YEARS: readonly NamedYear[] = [
  { name: 'a run each week', plan: { ...YEAR, daysBetweenRuns: 7 } },
  { name: 'three roots, each with runs of its own', plan: { ...YEAR, roots: 3 } },
  { name: '0.1 % a day', plan: { ...YEAR, changedShare: 0.001 } },
  { name: '0.1 % a day, packs of 3 MB', plan: { ...YEAR, changedShare: 0.001, packBytes: 3_000_000 } },
  { name: '0.02 % a day, a small pack', plan: { ...YEAR, changedShare: 0.0002 } },
];

/** Small enough for the quick suite. */
export const SHORT_YEAR: NamedYear = {
  name: '90 days of 2,000 chunks',
  plan: { days: 90, workload: 'skewed', chunks: 2000 },
};

/** Of a quarter of the chunks: the shares are the same, and it takes a quarter of the time. */
export const THRESHOLD_YEARS: readonly NamedYear[] = [
  { liveShareMin: 0, resavedShareMax: 0.52 },
  { liveShareMin: 0.5, resavedShareMax: 0.52 },
  { liveShareMin: 0.7, resavedShareMax: 0.3 },
  BUCKET_SETTINGS.retiring,
  { liveShareMin: 0.7, resavedShareMax: 1 },
  { liveShareMin: 0.9, resavedShareMax: 0.52 },
].flatMap((retiring) =>
  (['uniform', 'skewed'] as const).map((workload) => ({
    name: `${percent(retiring.liveShareMin)} | ${retiring.resavedShareMax} | ${workload}`,
    plan: { ...YEAR, workload, chunks: 5000, settings: { retiring } },
  })),
);

export const thresholdRow = (name: string, figures: YearFigures): string => row([name, ...shares(figures)]);

export const bytesRow = (name: string, figures: YearFigures): string =>
  row([name, ...shares(figures), percent(figures.removedShareMax, 1)]);

export const objectsRow = (name: string, { objects, packs, segmentsMax, requests }: YearFigures): string =>
  row([
    name,
    `${whole(objects.mean)} (${whole(objects.max)})`,
    whole(packs.data),
    whole(packs.meta),
    `${segmentsMax}`,
    ...REQUEST_KINDS.map((kind) => `${requests.mean[kind].toFixed(1)} (${requests.max[kind]})`),
  ]);

const shares = ({ storedPerNeeded: { mean, max }, resavedPerChanged }: YearFigures): string[] =>
  [mean, max, resavedPerChanged].map((share) => share.toFixed(2));

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const whole = (count: number): string => Math.round(count).toLocaleString('en-US');

function percent(share: number, digits = 0): string {
  return `${(100 * share).toFixed(digits)} %`;
}
