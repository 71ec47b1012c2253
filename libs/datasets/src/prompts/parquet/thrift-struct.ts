import { claim, ParquetFault } from './parquet-fault.js';

/** Structs and lists in each other; Parquet's own are a dozen deep. */
const deepest = 32;

/**
 * Walks one struct of Thrift's compact protocol and keeps nothing of it: where it ends, or undefined where the bytes end
 * before it does. A reader that allocates by the lengths in a struct that was walked allocates no more than its bytes.
 * @throws ParquetFault where it is none, or has more than `mostParts` fields and elements
 */
export function structEnd(bytes: Uint8Array, { mostParts }: { readonly mostParts: number }): number | undefined {
  const walk = new Walk(bytes, mostParts);
  try {
    walk.struct(0);
    return walk.at;
  } catch (error) {
    if (error === cutShort) return undefined;
    throw error;
  }
}

const cutShort = Symbol('cut short');

class Walk {
  at = 0;
  #parts = 0;

  constructor(private readonly bytes: Uint8Array, private readonly mostParts: number) {}

  struct(depth: number): void {
    for (let byte = this.#byte(); (byte & 15) !== 0; byte = this.#byte()) {
      if (byte >> 4 === 0) this.#varint(5);
      this.#value(byte & 15, depth);
    }
  }

  #value(type: number, depth: number): void {
    this.#parts += 1;
    claim(this.#parts <= this.mostParts, `it has more than ${this.mostParts} parts`);
    claim(depth < deepest, 'it nests deeper than Parquet does');
    switch (type) {
      case 1: case 2: return; // true, false
      case 3: return this.#skip(1);
      case 4: case 5: return void this.#varint(5);
      case 6: return void this.#varint(10);
      case 7: return this.#skip(8);
      case 8: return this.#skip(this.#varint(5));
      case 9: return this.#list(depth);
      case 12: return this.struct(depth + 1);
      default: throw new ParquetFault(`it has a field of type ${type}, which Parquet has not`);
    }
  }

  #list(depth: number): void {
    const byte = this.#byte();
    const [size, type] = [byte >> 4 === 15 ? this.#varint(5) : byte >> 4, byte & 15];
    for (let i = 0; i < size; i += 1) this.#value(type === 1 || type === 2 ? 3 : type, depth + 1); // in a list, a truth value is a byte
  }

  /** Its low 31 bits are as any reader sees them; a length that is more is none. */
  #varint(mostBytes: number): number {
    let [value, count] = [0, 0];
    for (let byte = 128; byte & 128; count += 1) {
      claim(count < mostBytes, 'it has a number of too many bytes');
      byte = this.#byte();
      value += (byte & 127) * 2 ** (7 * count);
    }
    return value;
  }

  #byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw cutShort;
    this.at += 1;
    return byte;
  }

  #skip(count: number): void {
    if (this.at + count > this.bytes.byteLength) throw cutShort;
    this.at += count;
  }
}
