/** Growing flat arrays: a hundred thousand files as objects would be most of a restore's memory. */

type Flat = Uint32Array | Float64Array;

/** A list of numbers. */
export class Column {
  #values: Flat;
  #length = 0;

  constructor(values: Flat = new Uint32Array(1024)) {
    this.#values = values;
  }

  get length(): number {
    return this.#length;
  }

  /** Returns the position of the new value. */
  push(value: number): number {
    if (this.#length === this.#values.length) {
      const larger = this.#values instanceof Uint32Array ? new Uint32Array(this.#length * 2) : doubled(this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    return this.#length++;
  }

  at(i: number): number {
    return this.#values[i] as number;
  }

  set(i: number, value: number): void {
    this.#values[i] = value;
  }
}

const doubled = (length: number): Float64Array => new Float64Array(length * 2);

/** A list of numbers that do not fit 32 bits. */
export const wideColumn = (): Column => new Column(new Float64Array(1024));

/** Bytes back to back. */
export class ByteArena {
  #bytes = Buffer.alloc(64 * 1024);
  #used = 0;

  get length(): number {
    return this.#used;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }

  add(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  addText(text: string, encoding: 'utf8' | 'hex'): void {
    this.#reserve(encoding === 'hex' ? text.length / 2 : text.length * 3);
    this.#used += this.#bytes.write(text, this.#used, encoding);
  }

  slice(start: number, length: number): Buffer {
    return this.#bytes.subarray(start, start + length);
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#used + bytes));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}
