/** PNGs of few colours: a picture of text on plain grounds takes a third of the room, and looks the same. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const COLOURS_MAX = 256;
/** Colours nearer to each other than this (the square of their distance) become one. */
const DISTANCE_MIN = 150;

interface Picture {
  readonly width: number;
  readonly height: number;
  /** Of each pixel, row by row, red << 16 | green << 8 | blue. */
  readonly colours: Uint32Array;
}

/** The same picture with a palette. `png`: 8 bits a channel, RGB or RGBA, not interlaced, as browsers write it. */
export function withPalette(png: Buffer): Buffer {
  const picture = decode(png);
  const { palette, indexOf } = paletteOf(picture.colours);
  const rows = Buffer.alloc(picture.height * (picture.width + 1));
  for (const [i, colour] of picture.colours.entries())
    rows[i + Math.floor(i / picture.width) + 1] = indexOf.get(colour) ?? 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(picture.width, 0);
  header.writeUInt32BE(picture.height, 4);
  header.set([8, 3], 8);
  const entries = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', entries),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function decode(png: Buffer): Picture {
  const parts = new Map<string, Buffer[]>();
  for (let at = SIGNATURE.length; at < png.length;) {
    const [length, type] = [png.readUInt32BE(at), png.toString('latin1', at + 4, at + 8)];
    parts.set(type, [...(parts.get(type) ?? []), png.subarray(at + 8, at + 8 + length)]);
    at += length + 12;
  }
  const header = Buffer.concat(parts.get('IHDR') ?? []);
  const [width, height, samples] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] === 6 ? 4 : 3];
  const bytes = unfiltered(inflateSync(Buffer.concat(parts.get('IDAT') ?? [])), width * samples, samples);
  const colours = Uint32Array.from({ length: width * height }, (_, i) => bytes.readUIntBE(i * samples, 3));
  return { width, height, colours };
}

/** Undoes what PNG does to each row: its bytes are differences to their neighbours. */
function unfiltered(raw: Buffer, stride: number, samples: number): Buffer {
  const rows = Buffer.alloc((raw.length / (stride + 1)) * stride);
  const at = (row: number, x: number): number => (row < 0 || x < 0 ? 0 : (rows[row * stride + x] ?? 0));
  for (let i = 0; i < rows.length; i++) {
    const [row, x] = [Math.floor(i / stride), i % stride];
    const [left, up, corner] = [at(row, x - samples), at(row - 1, x), x < samples ? 0 : at(row - 1, x - samples)];
    const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][raw[row * (stride + 1)] ?? 0] ?? 0;
    rows[i] = (raw[row * (stride + 1) + 1 + x] ?? 0) + predicted;
  }
  return rows;
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(left + up - corner - value)) as [number, number, number];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function paletteOf(colours: Uint32Array): { palette: number[]; indexOf: Map<number, number> } {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const byFrequency = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  const palette: number[] = [];
  for (const colour of byFrequency)
    if (palette.length < COLOURS_MAX && palette.every((taken) => distance(taken, colour) > DISTANCE_MIN))
      palette.push(colour);
  const nearest = (colour: number): number => {
    const distances = palette.map((taken) => distance(taken, colour));
    return distances.indexOf(Math.min(...distances));
  };
  return { palette, indexOf: new Map(byFrequency.map((colour) => [colour, nearest(colour)])) };
}

const distance = (a: number, b: number): number =>
  [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0);

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
