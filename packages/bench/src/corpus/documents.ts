import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CORPUS_TIME_S, VOCABULARY, prose, records } from './prose.ts';
import { createRandom, type Random } from './random.ts';
import { createTreeWriter, type TreeTotals } from './tree-writer.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

const FILE_COUNT = 20_000;
const FOLDER_COUNT = 600;
const TOTAL_BYTES = 2048 * MiB;
const FILE_BYTES_MIN = KiB;
const FILE_BYTES_MAX = 50 * MiB;
/** Log-normal, as sizes of documents are: half are below 17 KiB, and the large ones hold most of the bytes. */
const MEDIAN_BYTES = 17 * KiB;
const LOG_DEVIATION = 1.95;
const EXACT_COPY_SHARE = 0.05;
const EDITED_COPY_SHARE = 0.05;
const THREE_YEARS_S = 3 * 365 * 86_400;
/** Formats that are compressed already: their content is random bytes here. */
const COMPRESSED_EXTENSIONS = ['.jpg', '.docx', '.pdf', '.zip'] as const;

/** What an office keeps: documents of every size, some compressed already, some copied, some copied and edited. */
export function writeDocuments(root: string, scale: number): TreeTotals {
  const random = createRandom('documents');
  const count = Math.max(1, Math.round(FILE_COUNT * scale));
  const sizes = drawSizes(random, count, TOTAL_BYTES * scale);
  const folders = folderNames(Math.max(1, Math.round(FOLDER_COUNT * scale)));
  const tree = createTreeWriter(root);
  const copyable: string[] = [];
  // Copies begin when there is something to choose from.
  const copiesFrom = Math.min(100, Math.ceil(count / 10));

  sizes.forEach((bytes, index) => {
    const own = createRandom(`documents ${index}`);
    const folder = folders[random.integer(folders.length)]!;
    const mtimeS = CORPUS_TIME_S - random.integer(THREE_YEARS_S);
    const kind = copyable.length > copiesFrom ? random.unit() : 1;
    const source = kind < EXACT_COPY_SHARE + EDITED_COPY_SHARE ? copyable[own.integer(copyable.length)] : undefined;
    const made = source === undefined ? newDocument(own, index, bytes) : copy(own, path.join(root, source), kind);
    const name = `${folder}/${VOCABULARY[5000 + (index % 9000)]}-${String(index).padStart(5, '0')}${made.extension}`;
    tree.write(name, made.content, mtimeS);
    if (made.copyable) copyable.push(name);
  });
  return tree.finish();
}

function drawSizes(random: Random, count: number, totalBytes: number): number[] {
  const clip = (bytes: number) => Math.min(FILE_BYTES_MAX, Math.max(FILE_BYTES_MIN, bytes));
  const drawn = Array.from({ length: count }, () =>
    clip(Math.exp(random.normal(Math.log(MEDIAN_BYTES), LOG_DEVIATION))),
  );
  const factor = totalBytes / drawn.reduce((sum, bytes) => sum + bytes, 0);
  return drawn.map((bytes) => Math.floor(clip(bytes * factor)));
}

function folderNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const department = `d${String(index % 40).padStart(2, '0')}`;
    return `${department}/p${Math.floor(index / 40) % 5}/${VOCABULARY[200 + index]}${index}`;
  });
}

interface Made {
  readonly content: Uint8Array;
  readonly extension: string;
  /** Whether later files may be copies of this one. */
  readonly copyable: boolean;
}

function newDocument(random: Random, index: number, bytes: number): Made {
  // Large files are mostly pictures, archives and the like.
  const compressedShare = bytes < 64 * KiB ? 0.35 : bytes < MiB ? 0.55 : 0.7;
  if (random.unit() < compressedShare) {
    return { content: random.bytes(bytes), extension: COMPRESSED_EXTENSIONS[index % 4]!, copyable: true };
  }
  return index % 2 === 1
    ? { content: prose(random, bytes), extension: '.txt', copyable: true }
    : { content: records(random, bytes), extension: '.json', copyable: true };
}

function copy(random: Random, source: string, kind: number): Made {
  const extension = path.extname(source);
  const original = readFileSync(source);
  if (kind < EXACT_COPY_SHARE) return { content: original, extension, copyable: false };
  let content = original;
  for (let edit = 0; edit < 3; edit++) {
    const at = random.integer(content.length + 1);
    const added = prose(random, 10 + random.integer(390));
    content = Buffer.concat([content.subarray(0, at), added, content.subarray(at)]);
  }
  return { content, extension, copyable: true };
}
