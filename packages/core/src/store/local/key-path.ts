/** Where the object of a key lies, as names of folders. */

/** Splits a key. Keys come from keys.ts, so one that leads out of the repository is our own mistake. */
export function splitKey(key: string): { readonly parents: readonly string[]; readonly name: string } {
  const names = key.split('/');
  if (names[0] === 'tmp' || names.some((name) => !isPlainName(name)))
    throw new TypeError(`not an object's key: ${key}`);
  return { parents: names.slice(0, -1), name: names.at(-1) ?? '' };
}

/** Splits a prefix into the folders it leads through and what the names in the last of them begin with. */
export function splitPrefix(prefix: string): { readonly parents: readonly string[]; readonly nameStart: string } {
  const names = prefix.split('/');
  const nameStart = names.pop() ?? '';
  if (names.some((name) => !isPlainName(name))) throw new TypeError(`not a prefix of keys: ${prefix}`);
  return { parents: names, nameStart };
}

const isPlainName = (name: string): boolean => !['', '.', '..'].includes(name) && !/[\\\0:]/.test(name);
