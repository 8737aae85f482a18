import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { detectMassChange, MASS_CHANGE_RECORDS } from '../../src/index.ts';
import { ATTACKS, OfficeDevice } from './office-fleet.ts';
import type { Attack } from './office-fleet.ts';

const DEVICES = 200;
const DAYS = 60;
/** The thresholds were chosen with seeds 1 to 200; these fleets were not looked at for that. */
const FIRST_SEED = 1001;
/** Of an attack: what comes later is not called caught. */
const ATTACK_DAYS = 7;

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../../docs/anomalies.md'), 'utf8');

const night = (device: OfficeDevice, clearedAt?: Date) =>
  detectMassChange({ records: device.records.slice(0, MASS_CHANGE_RECORDS), snapshots: device.snapshots, clearedAt });

interface Ordinary {
  /** When an administrator last cleared a flag, by device: in the morning after it. */
  readonly cleared: readonly (Date | undefined)[];
  readonly flagged: number;
  readonly runs: number;
}

function watchOrdinaryDays(): Ordinary {
  let [flagged, runs] = [0, 0];
  const cleared = Array.from({ length: DEVICES }, (_, i) => {
    const device = new OfficeDevice(FIRST_SEED + i);
    let clearedAt: Date | undefined;
    for (let day = 0; day < DAYS; day++) {
      if (!device.playDay()) continue;
      runs++;
      if (night(device, clearedAt).run === null) continue;
      flagged++;
      clearedAt = device.records[0]?.landed;
    }
    return clearedAt;
  });
  return { cleared, flagged, runs };
}

const ordinary = watchOrdinaryDays();

/** The night after which each device is flagged, counted from 1, if it is. */
function nightsUntilCaught({ attack, everyDay }: Attack): (number | undefined)[] {
  return ordinary.cleared.map((clearedAt, i) => {
    const device = new OfficeDevice(FIRST_SEED + i);
    for (let day = 0; day < DAYS; day++) device.playDay();
    for (let day = 1; day <= ATTACK_DAYS; day++) {
      device.playDay(day === 1 || everyDay ? attack : undefined);
      if (night(device, clearedAt).run !== null) return day;
    }
    return undefined;
  });
}

const percent = (part: number, whole: number): string => `${Math.round((1000 * part) / whole) / 10} %`;

test('in 60 ordinary days of 200 office computers fewer than 1 % of the runs are flagged; the document tells how many', () => {
  const { flagged, runs } = ordinary;
  expect(flagged / runs).toBeLessThan(0.01);
  expect(DOCUMENT).toContain(
    `${flagged} of ${runs.toLocaleString('en-US')} runs (${percent(flagged, runs)}) were flagged`,
  );
});

test.each(ATTACKS)('the document tells how often this is caught: %s', (name, attack) => {
  const nights = nightsUntilCaught(attack);
  const first = nights.filter((night) => night === 1).length;
  const week = nights.filter((night) => night !== undefined).length;
  const row = DOCUMENT.split('\n').find((line) => line.startsWith(`| ${name} |`));
  expect(row).toBe(`| ${name} | ${percent(first, DEVICES)} | ${percent(week, DEVICES)} |`);
});
