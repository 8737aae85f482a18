/** Why an entry is not in the backup. Rules of equal name are counted together. */
export interface ExcludeRule {
  /** For the user: `--exclude "*.iso"`, `letters/.backupignore:3 "drafts/"`, `default: trash`. */
  readonly name: string;
  readonly reason: string;
}

/** What excludes can apply to; sockets and devices are never stored anyway. */
export type ExcludableKind = 'file' | 'folder' | 'other';
