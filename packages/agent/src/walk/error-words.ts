/** What Node's error codes mean to somebody whose files they concern. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'missing'],
  ['ENOTDIR', 'missing'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EBUSY', 'in use by another program'],
  ['EIO', 'the disk reports a read error'],
  ['ENAMETOOLONG', 'its path is too long for this system'],
  ['ELOOP', 'too many symbolic links'],
  ['ENOTCONN', 'the network drive is not connected'],
  ['EHOSTDOWN', 'the network drive is not connected'],
  ['EHOSTUNREACH', 'the network drive is not connected'],
  ['ESTALE', 'the network drive has lost it'],
  ['ETIMEDOUT', 'the network drive does not answer'],
]);

export const wordsOfCode = (code: string): string => WORDS.get(code) ?? code;
