/** What can be chosen about the storage, checked once: everything that is wrong is said in one message. */

const ENVIRONMENTS = ['prod', 'staging', 'dev'] as const;

export interface StorageOptions {
  /** Part of names that people read: the key's alias and the stack. */
  readonly companyName: string;
  readonly environment: (typeof ENVIRONMENTS)[number];
  /** How long a removed object can still be brought back. */
  readonly softDeleteDays: number;
}

/** As they come from the context: `-c name=value` gives strings. */
export type RawStorageOptions = { readonly [Name in keyof StorageOptions]: unknown };

/** A removal must stay undoable for longer than it takes somebody to come back from a week's holiday. */
const SOFT_DELETE_DAYS_MIN = 7;
const SOFT_DELETE_DAYS_MAX = 90;
const COMPANY_NAME = /^[a-z0-9][a-z0-9-]{1,19}$/;

/** Throws a TypeError that lists all problems. */
export function parseStorageOptions(raw: RawStorageOptions): StorageOptions {
  const { companyName, environment } = raw;
  const softDeleteDays = wholeNumber(raw.softDeleteDays);
  const known = ENVIRONMENTS.find((candidate) => candidate === environment);
  const problems: string[] = [];
  if (typeof companyName !== 'string' || !COMPANY_NAME.test(companyName)) {
    problems.push('companyName: use 2 to 20 lower-case letters, digits and hyphens, beginning with a letter or digit');
  }
  if (known === undefined) problems.push(`environment: use one of ${ENVIRONMENTS.join(', ')}`);
  if (!(softDeleteDays >= SOFT_DELETE_DAYS_MIN && softDeleteDays <= SOFT_DELETE_DAYS_MAX)) {
    problems.push(`softDeleteDays: use a whole number from ${SOFT_DELETE_DAYS_MIN} to ${SOFT_DELETE_DAYS_MAX}`);
  }
  if (problems.length > 0 || known === undefined) {
    throw new TypeError(`the storage cannot be built:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
  }
  return { companyName: companyName as string, environment: known, softDeleteDays };
}

function wholeNumber(raw: unknown): number {
  if (typeof raw === 'number') return Number.isInteger(raw) ? raw : Number.NaN;
  return typeof raw === 'string' && /^\d{1,9}$/.test(raw) ? Number(raw) : Number.NaN;
}
