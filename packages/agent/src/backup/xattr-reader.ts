/**
 * Reads extended attributes for several batches at a time: starting the system's tool costs more than what it does for
 * a thousand files.
 */
import type { MetadataTools, XattrsRead } from '../system/metadata-tools.ts';

const PATHS_AT_ONCE = 8192;

export class XattrReader {
  readonly #tools: MetadataTools;
  #paths: string[] = [];
  #next: PromiseWithResolvers<XattrsRead> = Promise.withResolvers();

  constructor(tools: MetadataTools) {
    this.#tools = tools;
  }

  /** The attributes of these paths and perhaps of others. Resolves after enough were asked for, or after `flush`. */
  read(paths: readonly string[]): Promise<XattrsRead> {
    const { promise } = this.#next;
    for (const path of paths) this.#paths.push(path);
    if (this.#paths.length >= PATHS_AT_ONCE) this.flush();
    return promise;
  }

  /** Reads what has been asked for so far. */
  flush(): void {
    const { resolve, reject } = this.#next;
    const paths = this.#paths;
    this.#next = Promise.withResolvers();
    this.#paths = [];
    if (paths.length === 0) resolve({ xattrs: new Map(), problems: [] });
    else this.#tools.readXattrs(paths).then(resolve, reject);
  }
}
