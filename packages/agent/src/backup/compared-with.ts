/** What a file of the new catalog is to the snapshot before: new, changed or unchanged. */
import type { CatalogEntry } from '@backup-agent/core';

/**
 * How a file relates to what the snapshot before has. One touched but not changed counts as unchanged. `content`, in the
 * form of `contentOf`, is asked for only where there is something to compare with: most files of a first run are new.
 */
export function comparedWith(before: CatalogEntry | undefined, content: () => string): 'new' | 'changed' | 'unchanged' {
  if (before?.kind !== 'file') return 'new';
  return contentOf(before) === content() ? 'unchanged' : 'changed';
}

/** A file's chunks, or the lists of them, in one text. */
export const contentOf = ({ chunks, lists }: CatalogEntry): string => (chunks ?? lists ?? []).join('');
