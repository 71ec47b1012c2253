/**
 * Positions of a grid in the order of the Halton sequence with bases 2 and 3 (Besnier et al., ICLR 2025, arXiv 2503.17076):
 * points are floored to cells and cells met before are dropped, so what is revealed together lies far apart. Row-major.
 */
export function haltonOrder(width: number, height: number): number[] {
  const cells = new Set<number>();
  for (let point = 1; cells.size < width * height; point++) {
    cells.add(Math.floor(radicalInverse(point, 2) * height) * width + Math.floor(radicalInverse(point, 3) * width));
  }
  return [...cells];
}

/** The digits of `value` in `base` behind the point, mirrored: 0 ≤ result < 1. */
function radicalInverse(value: number, base: number): number {
  let [inverse, scale] = [0, 1 / base];
  for (let rest = value; rest > 0; rest = Math.floor(rest / base), scale /= base) inverse += (rest % base) * scale;
  return inverse;
}
