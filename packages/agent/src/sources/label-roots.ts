import type { BackupRoot } from '../backup/job.ts';

/** Names roots for a restore of several: by their last folder, with as many folders before it as it takes to differ. */
export function labelRoots(paths: readonly string[], platform: NodeJS.Platform): BackupRoot[] {
  const names = paths.map((root) => namesOf(root, platform));
  const taken = new Set<string>();
  return paths.map((root, i) => {
    const own = names[i] ?? [];
    const label = numbered(shortest(own, names), taken);
    taken.add(label.toLowerCase());
    return { path: root, catalogPath: platform === 'win32' ? root.replaceAll('\\', '/') : root, label };
  });
}

/** `/` is `root`, `C:\` is `C`; separators and colons have no place in a folder's name. */
function namesOf(root: string, platform: NodeJS.Platform): string[] {
  const separators = platform === 'win32' ? /[\\/]+/ : /\/+/;
  const names = root
    .split(separators)
    .map((name) => name.replace(/:$/, ''))
    .filter((name) => name !== '');
  return names.length === 0 ? ['root'] : names;
}

function shortest(own: readonly string[], all: readonly (readonly string[])[]): string {
  for (let count = 1; count < own.length; count++) {
    const label = own.slice(-count).join('-');
    if (all.filter((names) => names.slice(-count).join('-').toLowerCase() === label.toLowerCase()).length === 1)
      return label;
  }
  return own.join('-');
}

function numbered(label: string, taken: ReadonlySet<string>): string {
  let candidate = label;
  for (let n = 2; taken.has(candidate.toLowerCase()); n++) candidate = `${label}-${n}`;
  return candidate;
}
