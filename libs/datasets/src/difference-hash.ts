/** Pixels of one picture: RGBA, 8 bits a channel, straight alpha, row-major. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

const [columns, rows] = [9, 8];

/**
 * A 64-bit difference hash (dHash, N. Krawetz 2013): the picture over white in greys, shrunk to 9 × 8 by means of whole
 * pixels; each bit says whether a cell is darker than its right neighbour. 16 hex digits. Pictures that look alike have
 * hashes that differ in few bits. Whole numbers throughout: the same pixels give the same hash on any machine.
 */
export function differenceHash(picture: Pixels): string {
  const cells = greys(picture);
  let hash = '';
  for (let row = 0; row < rows; row += 1) {
    let byte = 0;
    for (let column = 0; column < columns - 1; column += 1) {
      const at = row * columns + column;
      byte = (byte << 1) | (cells[at]! < cells[at + 1]! ? 1 : 0);
    }
    hash += byte.toString(16).padStart(2, '0');
  }
  return hash;
}

/** How many of the 64 bits differ. */
export function hashDistance(a: readonly [number, number], b: readonly [number, number]): number {
  return bits(a[0] ^ b[0]) + bits(a[1] ^ b[1]);
}

/** A hash as two numbers of 32 bits, to be compared often. */
export const hashWords = (hash: string): [number, number] => [Number.parseInt(hash.slice(0, 8), 16), Number.parseInt(hash.slice(8), 16)];

/** Mean grey of each cell, 0 … 255, rounded down. */
function greys({ width, height, pixels }: Pixels): number[] {
  const totals = new Float64Array(columns * rows);
  const counts = new Uint32Array(columns * rows);
  for (let y = 0; y < height; y += 1) {
    const rowAt = Math.floor((y * rows) / height) * columns;
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 4;
      const cell = rowAt + Math.floor((x * columns) / width);
      const alpha = pixels[at + 3]!;
      totals[cell]! += (299 * pixels[at]! + 587 * pixels[at + 1]! + 114 * pixels[at + 2]!) * alpha + 255_000 * (255 - alpha);
      counts[cell]! += 255_000;
    }
  }
  return [...totals].map((total, i) => Math.floor(total / Math.max(1, counts[i]!)));
}

function bits(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return (((v + (v >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
