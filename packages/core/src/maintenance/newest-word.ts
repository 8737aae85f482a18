/**
 * Of policies, holds, pins and device words the newest by store time holds, then the larger key. Never an older one in
 * its place: a hold that cannot be read might be the one that keeps everything.
 */
import { BackupError, isBackupError } from '../errors.ts';
import type { ObjectKey, RunId } from '../ids.ts';
import { parseKey } from '../keys.ts';
import type { ParsedKey } from '../keys.ts';
import { JSON_BYTES_MAX } from '../limits.ts';
import { mapConcurrent } from '../repository/map-concurrent.ts';
import type { ObjectInfo, ObjectReader } from '../store/ports.ts';

const READS_AT_ONCE = 8;

/** A word that holds. */
export interface NewestWord<Word> {
  readonly word: Word;
  readonly key: ObjectKey;
  /** Store time. */
  readonly landed: Date;
}

export type DecodeWord<Word> = (bytes: Uint8Array, key: string) => Word;
export type ParsedWord = Extract<ParsedKey, { readonly type: 'policy' | 'hold' | 'pin' | 'device-word' }>;

/** A word in a listing, not read yet. */
export interface ListedWord {
  readonly object: ObjectInfo;
  readonly parsed: ParsedWord;
}

/**
 * The word that holds of those under `prefix`, which all say something of the same thing; undefined if there is none.
 * Throws OBJECT_DAMAGED or FORMAT_UNKNOWN if that one cannot be read.
 */
export async function readNewestWord<Word>(
  store: ObjectReader,
  prefix: string,
  decode: DecodeWord<Word>,
): Promise<NewestWord<Word> | undefined> {
  const newest = newestOf(await listWords(store, prefix));
  return newest === undefined ? undefined : readWord(store, newest, decode);
}

/**
 * The words that hold of those under `prefix`, by what they say something of: `aboutOf` tells it from the key. Throws as
 * readNewestWord.
 */
export async function readNewestWords<About, Word>(
  store: ObjectReader,
  prefix: string,
  { aboutOf, decode }: { aboutOf(parsed: ParsedWord): About | undefined; readonly decode: DecodeWord<Word> },
): Promise<Map<About, NewestWord<Word>>> {
  const listed = new Map<About, ListedWord[]>();
  for (const word of await listWords(store, prefix)) {
    const about = aboutOf(word.parsed);
    if (about === undefined) continue;
    const others = listed.get(about);
    if (others === undefined) listed.set(about, [word]);
    else others.push(word);
  }
  const read = async ([about, words]: [About, ListedWord[]]): Promise<[About, NewestWord<Word>]> => [
    about,
    await readWord(store, newestOf(words) as ListedWord, decode),
  ];
  const newest = new Map<About, NewestWord<Word>>();
  for await (const [about, word] of mapConcurrent(listed, READS_AT_ONCE, read)) newest.set(about, word);
  return newest;
}

/** The words under a prefix; whatever else lies there is left alone. */
export async function listWords(store: ObjectReader, prefix: string): Promise<ListedWord[]> {
  const words: ListedWord[] = [];
  for (const object of (await store.list(prefix)).objects) {
    const parsed = parseKey(object.key);
    if (parsed !== undefined && isWord(parsed)) words.push({ object, parsed });
  }
  return words;
}

/** The one that holds. */
export function newestOf(words: readonly ListedWord[]): ListedWord | undefined {
  let newest: ListedWord | undefined;
  for (const word of words) if (newest === undefined || isNewer(word.object, newest.object)) newest = word;
  return newest;
}

/** Whether `one` holds rather than `other`. */
export function isNewer(one: ObjectInfo, other: ObjectInfo): boolean {
  const later = +one.modified - +other.modified;
  return later === 0 ? one.key > other.key : later > 0;
}

const isWord = (parsed: ParsedKey): parsed is ParsedWord =>
  ['policy', 'hold', 'pin', 'device-word'].includes(parsed.type);

/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN. */
export async function readWord<Word>(
  store: ObjectReader,
  { object }: ListedWord,
  decode: DecodeWord<Word>,
): Promise<NewestWord<Word>> {
  const key = object.key as ObjectKey; // parseKey knows it.
  const bytes = await store.read(key, JSON_BYTES_MAX);
  try {
    return { word: decode(bytes, key), key, landed: object.modified };
  } catch (cause) {
    if (!isBackupError(cause, 'OBJECT_DAMAGED')) throw cause;
    const hint = 'say it anew: a newer word takes the place of a damaged one';
    throw new BackupError('OBJECT_DAMAGED', cause.message, { key, cause, hint });
  }
}

/**
 * An id for a word that is to hold over all of these. Words that land within one second have the same store time, and
 * then the larger key decides: so it follows the one that holds, unless `own` does already.
 */
export function wordIdAfter(own: RunId, words: readonly ListedWord[]): RunId {
  const last = newestOf(words)?.parsed.word;
  if (last === undefined || own > last) return own;
  const [stamp, hex = ''] = last.split('-');
  const next = Number.parseInt(hex, 16) + 1;
  return next > 0xff_ff_ff_ff ? own : (`${stamp}-${next.toString(16).padStart(8, '0')}` as RunId);
}
