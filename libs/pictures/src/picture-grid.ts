import { checkPicture, overWhite, type Picture } from './picture.js';

export interface GridOptions {
  /** White pixels between neighbours and around the sheet; default 4. */
  readonly gap?: number;
  /** Further white pixels below every `every` rows, to hold groups of rows apart; default none. */
  readonly groups?: { readonly every: number; readonly gap: number };
}

/**
 * A contact sheet: rows of equally large pictures over white, left to right, top to bottom. Rows may be of unequal
 * length. Throws a RangeError when there is no picture or their sizes differ.
 */
export function pictureGrid(rows: readonly (readonly Picture[])[], options: GridOptions = {}): Picture {
  const first = rows.flat()[0];
  if (first === undefined) throw new RangeError('a grid needs at least one picture');
  const { gap = 4, groups } = options;
  const columns = Math.max(...rows.map((row) => row.length));
  const top = (row: number): number =>
    gap + row * (first.height + gap) + (groups === undefined ? 0 : Math.floor(row / groups.every) * groups.gap);
  const width = gap + columns * (first.width + gap);
  const height = top(rows.length - 1) + first.height + gap;
  const pixels = new Uint8Array(width * height * 4).fill(255);
  rows.forEach((row, r) =>
    row.forEach((picture, c) => {
      if (picture.width !== first.width || picture.height !== first.height) {
        throw new RangeError(
          `a ${picture.width}×${picture.height} picture in a grid of ${first.width}×${first.height}`,
        );
      }
      paste(picture, { pixels, width, left: gap + c * (first.width + gap), top: top(r) });
    }),
  );
  return { width, height, pixels };
}

function paste(picture: Picture, sheet: { pixels: Uint8Array; width: number; left: number; top: number }): void {
  checkPicture(picture);
  const opaque = overWhite(picture);
  for (let y = 0; y < picture.height; y += 1) {
    for (let x = 0; x < picture.width; x += 1) {
      const from = (y * picture.width + x) * 3;
      sheet.pixels.set(opaque.subarray(from, from + 3), ((sheet.top + y) * sheet.width + sheet.left + x) * 4);
    }
  }
}
