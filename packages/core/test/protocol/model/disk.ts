/**
 * A tiny disk: a few files of a few chunks each, whose contents come back, so that old packs are found again. It can be
 * seen through three roots, one of which contains the others.
 */
export const PATHS = ['/a/x', '/a/y', '/b/z', '/b/w', '/top'] as const;

export interface DiskFile {
  /** What it holds, chunk by chunk. */
  readonly chunks: readonly string[];
  readonly version: number;
}

export class Disk {
  readonly files = new Map<string, DiskFile>();
  readonly locked = new Set<string>();
  readonly missingRoots = new Set<string>();

  constructor() {
    for (const path of PATHS) this.write(path, 0);
  }

  write(path: string, version: number): void {
    this.files.set(path, { chunks: chunksOf(path, version), version });
  }

  /** The files below a root, with paths relative to it, sorted as a catalog is. */
  below(root: string): { readonly path: string; readonly absolute: string; readonly file: DiskFile }[] {
    const prefix = root === '/' ? '/' : `${root}/`;
    return [...this.files]
      .filter(([path]) => path.startsWith(prefix))
      .map(([absolute, file]) => ({ path: absolute.slice(prefix.length), absolute, file }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  isMissing(root: string): boolean {
    return [...this.missingRoots].some((missing) => root === missing || root.startsWith(`${missing}/`));
  }
}

/** Two chunks, of which a new version changes one or both; and one that several files share. */
function chunksOf(path: string, version: number): string[] {
  const texts = [`${path} head ${version >> 1} `, `${path} tail ${version & 1} `];
  if (version % 3 === 2) texts.push(`shared ${version >> 2} `);
  return texts.map((text, i) => text.repeat(1 + ((version * 7 + i * 5) % 9)));
}
