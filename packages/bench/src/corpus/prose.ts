import { createRandom, type Random } from './random.ts';

/** Letters by falling frequency in English, and their weights in per cent. */
const LETTERS = 'etaoinshrdlucmfwypvbgkjqxz';
const WEIGHTS = [
  12, 9, 8, 7.5, 7, 6.7, 6.3, 6, 5.9, 4.3, 4, 2.8, 2.8, 2.4, 2.3, 2.2, 2, 1.9, 1, 1.5, 2, 0.8, 0.2, 0.1, 0.2, 0.1,
];
const WORD_COUNT = 20_000;
const WORD_LETTERS_MAX = 12;
/** About as long as a line of a plain text document. */
const LINE_BYTES = 90;
/** 2023-11-14, the day on which the corpora end; a fixed one, so that they do not depend on the day of the run. */
export const CORPUS_TIME_S = 1_700_000_000;

/** Invented words, frequent ones shorter, so that text compresses about as well as people's writing does. */
export const VOCABULARY: readonly string[] = makeVocabulary();

const ENCODED = VOCABULARY.map((word) => Buffer.from(word, 'latin1'));

function makeVocabulary(): string[] {
  const random = createRandom('vocabulary');
  const total = WEIGHTS.reduce((sum, weight) => sum + weight, 0);
  const letter = () => {
    let left = random.unit() * total;
    const at = WEIGHTS.findIndex((weight) => (left -= weight) < 0);
    return LETTERS[Math.max(0, at)]!;
  };
  return Array.from({ length: WORD_COUNT }, (_, rank) => {
    const wanted = Math.trunc(random.normal(3 + Math.min(rank, 4000) / 900, 1.8));
    return Array.from({ length: Math.min(WORD_LETTERS_MAX, Math.max(1, wanted)) }, letter).join('');
  });
}

/** The rank of a word drawn by Zipf's law: rank r about as often as 1/r. */
const drawRank = (random: Random) => Math.floor(Math.exp(random.unit() * Math.log(WORD_COUNT))) - 1;

const drawWord = (random: Random): string => VOCABULARY[drawRank(random)]!;

/** Sentences of words, exactly `byteCount` long. */
export function prose(random: Random, byteCount: number): Buffer {
  const out = Buffer.allocUnsafe(byteCount);
  let lineStart = 0;
  let at = 0;
  while (at < byteCount) {
    const word = ENCODED[drawRank(random)]!;
    for (let i = 0; i < word.length && at < byteCount; i++) out[at++] = word[i]!;
    if (at === byteCount) break;
    if (at - lineStart < LINE_BYTES) {
      out[at++] = 0x20;
    } else {
      out[at++] = 0x0a;
      lineStart = at;
    }
  }
  return out;
}

/** Records of an export, one JSON object a line, cut off at exactly `byteCount`. */
export function records(random: Random, byteCount: number): Buffer {
  return lines(byteCount, () => {
    const amount = random.integer(1_000_000);
    return JSON.stringify({
      id: random.integer(1_000_000_000),
      name: `${drawWord(random)} ${drawWord(random)}`,
      amount: amount / 100,
      ts: CORPUS_TIME_S + random.integer(10_000_000),
      status: drawWord(random),
      active: true,
    });
  });
}

const INDENT_MAX = 5;

/** Something like source code, cut off at exactly `byteCount`. */
export function sourceCode(random: Random, byteCount: number): Buffer {
  const word = () => drawWord(random);
  const statements = [
    () => `if (${word()}) {`,
    () => `return ${word()};`,
    () => `const ${word()} = require("${word()}");`,
    () => `let ${word()} = ${word()} + 1;`,
    () => '}',
    () => `// ${word()} ${word()} ${word()}`,
    () => `function ${word()}(${word()}, ${word()}) {`,
  ];
  let indent = 0;
  return lines(byteCount, () => {
    const statement = statements[random.integer(statements.length)]!();
    const line = '  '.repeat(indent) + statement;
    if (statement.endsWith('{')) indent = Math.min(INDENT_MAX, indent + 1);
    if (statement === '}') indent = Math.max(0, indent - 1);
    return line;
  });
}

function lines(byteCount: number, line: () => string): Buffer {
  const parts: string[] = [];
  for (let length = 0; length < byteCount;) {
    const text = line();
    parts.push(text, '\n');
    length += text.length + 1;
  }
  // Every character is ASCII, so lengths are bytes.
  return Buffer.from(parts.join(''), 'latin1').subarray(0, byteCount);
}
