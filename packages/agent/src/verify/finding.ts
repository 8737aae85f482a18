/** What a verification found, as values. A damaged thing never stops the rest from being checked. */
import type { BackupError, SnapshotName } from '@backup-agent/core';

/** A cost names at most so many paths. */
export const COST_PATHS_MAX = 20;
/** Of one object at most so many things are told. */
const REASONS_MAX = 5;

/** `damage`: the repository is not as it was written. `note`: seen, harmless, and left alone. */
export type Severity = 'damage' | 'note';

export interface Finding {
  /** Of the object concerned; of one that is missing, the key that it had. */
  readonly key: string;
  /** What is wrong with it: follows the key in a sentence. */
  readonly what: string;
  readonly severity: Severity;
  /** Of damaged packs and snapshots. */
  readonly costs?: Cost;
}

/** What cannot be restored, for nothing else holds it. */
export interface Cost {
  /** The snapshots that lose something, newest first. */
  readonly snapshots: readonly SnapshotName[];
  /** The first COST_PATHS_MAX of them, absolute as they were on the source. */
  readonly paths: readonly string[];
  /** Catalog entries that are lost, each version of a file counted; a lost catalog page counts once. */
  readonly entries: number;
  /** False: the pack was not read, and this much is at stake. */
  readonly certain: boolean;
}

interface Collected {
  readonly key: string;
  readonly severity: Severity;
  readonly reasons: Set<string>;
  reasonCount: number;
  costs?: Cost;
}

export class Findings {
  readonly #found = new Map<string, Collected>();

  get damageCount(): number {
    return [...this.#found.values()].filter(({ severity }) => severity === 'damage').length;
  }

  damage(key: string, what: string | BackupError): void {
    this.#add(key, 'damage', what);
  }

  note(key: string, what: string | BackupError): void {
    this.#add(key, 'note', what);
  }

  damagedKeys(): string[] {
    return [...this.#found.values()].flatMap(({ key, severity }) => (severity === 'damage' ? [key] : []));
  }

  hasDamage(key: string): boolean {
    return this.#found.has(`damage ${key}`);
  }

  /** Of something that is damaged. */
  setCosts(key: string, costs: Cost): void {
    const found = this.#found.get(`damage ${key}`);
    if (found !== undefined) found.costs = costs;
  }

  /** Damage first, in the order of the keys. */
  list(): Finding[] {
    const all = [...this.#found.values()].map(({ key, severity, reasons, reasonCount, costs }): Finding => ({
      key,
      what: [...reasons, ...(reasonCount > reasons.size ? [`${reasonCount - reasons.size} more`] : [])].join('; '),
      severity,
      ...(costs === undefined ? {} : { costs }),
    }));
    const rank = ({ severity }: Finding): number => (severity === 'damage' ? 0 : 1);
    return all.sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
  }

  #add(key: string, severity: Severity, what: string | BackupError): void {
    const id = `${severity} ${key}`;
    const found = this.#found.get(id) ?? { key, severity, reasons: new Set(), reasonCount: 0 };
    this.#found.set(id, found);
    const reason = typeof what === 'string' ? what : reasonOf(what, key);
    if (found.reasons.has(reason)) return;
    found.reasonCount++;
    if (found.reasons.size < REASONS_MAX) found.reasons.add(reason);
  }
}

/** The error's message without the key, which the finding has already. */
function reasonOf(error: BackupError, key: string): string {
  if (error.code === 'OBJECT_MISSING') return 'is listed and cannot be read: missing';
  const { message } = error;
  const rest = message.startsWith(`${key} `) ? message.slice(key.length + 1) : message;
  return rest.startsWith('is damaged: ') ? rest.slice('is damaged: '.length) : rest;
}
