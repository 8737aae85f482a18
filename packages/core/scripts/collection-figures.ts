/** Prints the rows of docs/collection-figures.md, as they come out. With words: only the years whose names contain one. */
import { argv, stdout } from 'node:process';
import {
  BOUND_YEARS,
  OTHER_YEARS,
  SHORT_YEAR,
  THRESHOLD_YEARS,
  bytesRow,
  objectsRow,
  thresholdRow,
} from '../test/maintenance/year/figure-rows.ts';
import { simulateYear } from '../test/maintenance/year/simulate-year.ts';

const words = argv.slice(2);
const isWanted = ({ name }: { name: string }): boolean =>
  words.length === 0 || words.some((word) => name.includes(word));

for (const { name, plan } of [...BOUND_YEARS, ...OTHER_YEARS, SHORT_YEAR].filter(isWanted)) {
  const figures = await simulateYear(plan);
  stdout.write(`${bytesRow(name, figures)}\n${objectsRow(name, figures)}\n`);
}
for (const { name, plan } of THRESHOLD_YEARS.filter(isWanted))
  stdout.write(`${thresholdRow(name, await simulateYear(plan))}\n`);
