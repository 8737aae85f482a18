/**
 * Compares all packs with the listing: is each there that a snapshot names, and has each the size and ETag that its
 * uploader saw? This proves that the store still shows the objects; whether their bytes are right only reading proves.
 */
import { packText } from '../format/marks.ts';
import { NIGHT_LIST_MAX } from '../format/night-result.ts';
import type { NightFinding, NightResult } from '../format/night-result.ts';
import type { SnapshotName } from '../ids.ts';
import { packKey } from '../keys.ts';
import type { PackPlace } from '../keys.ts';
import type { Repository } from '../repository/repository.ts';
import { listPacks } from '../repository/usable-packs.ts';
import type { NightSnapshot } from './night-snapshot.ts';
import type { DeviceSurvey } from './survey-device.ts';

const MISSING_PACK = 'missing';

export async function comparePacks(
  repository: Repository,
  survey: DeviceSurvey,
  snapshots: readonly NightSnapshot[],
): Promise<NightResult['verification']> {
  const missing = await missingPacks(repository, survey, snapshots);
  const findings = [
    ...missing,
    ...differingPacks(repository, survey, snapshots),
    ...survey.damagedIndex.map(({ key, error }) => ({ key, what: error.message, snapshots: [] })),
  ];
  return {
    packsCompared: survey.book.packs.length,
    missingPacks: missing.length,
    findingCount: findings.length,
    findings: findings.slice(0, NIGHT_LIST_MAX),
  };
}

async function missingPacks(
  repository: Repository,
  { book }: DeviceSurvey,
  snapshots: readonly NightSnapshot[],
): Promise<NightFinding[]> {
  const missing = new Map<string, { pack: PackPlace; snapshots: SnapshotName[] }>();
  for (const snapshot of snapshots) {
    for (const { kind, run, ofRun, number } of book.namedBy(snapshot)) {
      if (number !== undefined) continue;
      const pack = { kind, run, number: ofRun };
      const found = missing.get(packText(pack)) ?? { pack, snapshots: [] };
      found.snapshots.push(snapshot.name);
      missing.set(packText(pack), found);
    }
  }
  if (missing.size === 0) return [];
  // The packs were listed before the snapshots: a run may have ended in between.
  for (const pack of await listPacks(repository)) missing.delete(packText(pack));
  return [...missing.values()].map(({ pack, snapshots }) => ({
    key: packKey(repository.device, pack),
    what: MISSING_PACK,
    snapshots: snapshots.slice(0, NIGHT_LIST_MAX),
  }));
}

function differingPacks(
  { device }: Repository,
  { book, index }: DeviceSurvey,
  snapshots: readonly NightSnapshot[],
): NightFinding[] {
  const differing = new Map<number, string>();
  for (const { packs } of index) {
    for (const pack of packs) {
      const number = book.numberOf(packText(pack));
      const object = number === undefined ? undefined : book.packs[number]?.object;
      if (number === undefined || object === undefined) continue;
      if (object.bytes !== pack.bytes)
        differing.set(number, `has ${object.bytes} bytes; its uploader wrote ${pack.bytes}`);
      else if (object.etag !== undefined && pack.etag !== undefined && object.etag !== pack.etag)
        differing.set(number, `has another ETag than its uploader saw`);
    }
  }
  if (differing.size === 0) return [];
  const namers = namersOf(book, snapshots, differing);
  return [...differing].map(([number, what]) => ({
    key: packKey(device, book.packs[number] as PackPlace),
    what,
    snapshots: (namers.get(number) ?? []).slice(0, NIGHT_LIST_MAX),
  }));
}

function namersOf(
  book: DeviceSurvey['book'],
  snapshots: readonly NightSnapshot[],
  numbers: ReadonlyMap<number, unknown>,
): Map<number, SnapshotName[]> {
  const namers = new Map<number, SnapshotName[]>();
  for (const snapshot of snapshots) {
    for (const { number } of book.namedBy(snapshot)) {
      if (number === undefined || !numbers.has(number)) continue;
      const names = namers.get(number) ?? [];
      names.push(snapshot.name);
      namers.set(number, names);
    }
  }
  return namers;
}
