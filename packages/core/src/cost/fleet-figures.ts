/** What is known of a fleet, and the amounts that follow from it. A GB here has 1,024 MiB, as S3 counts. */

export interface FleetFigures {
  readonly users: number;
  readonly gbPerUser: number;
  readonly filesPerUser: number;
  /** Share of the documents' bytes, and of the files, that changes in a day: 0.01. */
  readonly dailyChange: number;
  readonly retentionDays: number;
  /** How long what was removed can still be brought back, and is paid for. */
  readonly softDeleteDays: number;
  /** What deduplication and compression leave of the documents' size: 0.7. */
  readonly reduction: number;
  /** Bytes of packs that nothing needs any more but that lie beside bytes that are needed, as a share of these. */
  readonly deadSpace: number;
  readonly packMib: number;
  /** `glacier-ir` and `glacier`: when the lifecycle rule moves a pack. */
  readonly transitionDays: number;
  /** Packs that each device reads back in a night, to see that they are whole. */
  readonly verifiedPacks: number;
}

/** An office of the size this is made for, with the settings that the stacks have by default. */
export const DEFAULT_FIGURES: FleetFigures = {
  users: 500,
  gbPerUser: 20,
  filesPerUser: 20_000,
  dailyChange: 0.01,
  retentionDays: 30,
  softDeleteDays: 14,
  reduction: 0.7,
  deadSpace: 0.1,
  packMib: 32,
  transitionDays: 7,
  verifiedPacks: 1,
};

export const MONTH_DAYS = 30;
const MIB_OF_GB = 1024;

export const documentsGb = ({ users, gbPerUser }: FleetFigures): number => users * gbPerUser;
export const fileCount = ({ users, filesPerUser }: FleetFigures): number => users * filesPerUser;
/** Once, as packs hold them. */
export const packedGb = (fleet: FleetFigures): number => documentsGb(fleet) * fleet.reduction;
/** What changes add to packs in a day. */
export const churnGb = (fleet: FleetFigures): number => packedGb(fleet) * fleet.dailyChange;
/** From the day that a version is replaced to the day that it is purged. */
export const lifeDays = ({ retentionDays, softDeleteDays }: FleetFigures): number => retentionDays + softDeleteDays;
export const packsPerGb = ({ packMib }: Pick<FleetFigures, 'packMib'>): number => MIB_OF_GB / packMib;
/** Files of a GB of documents; none without documents. */
export const filesPerGb = ({ gbPerUser, filesPerUser }: FleetFigures): number =>
  gbPerUser === 0 ? 0 : filesPerUser / gbPerUser;

export interface PackParts {
  /** The newest version of everything. */
  readonly documents: number;
  /** Older versions, with the dead space beside them. */
  readonly changes: number;
  /** Removed, but not purged yet. */
  readonly removed: number;
  /** Beside the newest versions. */
  readonly deadSpace: number;
}

/** What lies in packs after the first `lifeDays`, in GB. */
export function packParts(fleet: FleetFigures): PackParts {
  const churn = churnGb(fleet) * (1 + fleet.deadSpace);
  return {
    documents: packedGb(fleet),
    changes: churn * fleet.retentionDays,
    removed: churn * fleet.softDeleteDays,
    deadSpace: packedGb(fleet) * fleet.deadSpace,
  };
}

export const sumOfParts = ({ documents, changes, removed, deadSpace }: PackParts): number =>
  documents + changes + removed + deadSpace;

/** Read back in a month; no more in a night than there is. */
export const verifiedGb = (fleet: FleetFigures): number =>
  Math.min((fleet.users * fleet.verifiedPacks * fleet.packMib) / MIB_OF_GB, packedGb(fleet)) * MONTH_DAYS;

/** S3 moves nothing smaller: it stays where it is, at the full price. */
const MOVED_MIB_MIN = 1 / 8;
export const packsCanMove = ({ packMib }: FleetFigures): boolean => packMib >= MOVED_MIB_MIN;
/** By the mean file: nothing else is known of their sizes. */
export const filesCanMove = (fleet: FleetFigures): boolean => filesPerGb(fleet) <= MIB_OF_GB / MOVED_MIB_MIN;
