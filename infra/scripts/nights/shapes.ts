/** The devices that are measured. */
import type { DeviceShape } from './device-objects.ts';

const GB = 1024 ** 3;

/** 20 GB in 20,000 files, of which 1 % changes a day: 640 packs, and 7 a day; backed up daily for more than a year. */
export const USUAL_DEVICE: DeviceShape = {
  files: 20_000,
  bytes: 20 * GB,
  firstPacks: 640,
  runPacks: 7,
  snapshots: 30,
  runRecords: 400,
  chunksPerPack: 32,
  indexSegments: [200, 220, 240, 200, 210, 230, 250],
};

/** A million files, 100 snapshots, more than 10,000 packs; its index is as large as one night merges at most. */
export const LARGE_DEVICE: DeviceShape = {
  files: 1_000_000,
  bytes: 320 * GB,
  firstPacks: 10_000,
  runPacks: 70,
  snapshots: 100,
  runRecords: 400,
  chunksPerPack: 100,
  indexSegments: [60_000, 60_000, 60_000, 60_000, 60_000, 60_000, 60_000, 60_000, 60_000],
};
