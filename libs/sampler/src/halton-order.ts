/**
 * Positions of a grid in the order of the Halton sequence with bases 2 and 3 (Besnier et al., ICLR 2025, arXiv 2503.17076):
 * points are floored to cells and cells met before are dropped, so what is revealed together lies far apart. Row-major.
 */
export function haltonOrder(width: number, height: number): number[] {
  const cells = new Set<number>();
  for (let point = 1; cells.size < width * height; point++) cells.add(cellOf(point, 2, height) * width + cellOf(point, 3, width));
  return [...cells];
}

/** The digits of `point` in `base`, mirrored behind the point, times `size`, floored; in whole numbers, for 7/9 · 9 is 7. */
function cellOf(point: number, base: number, size: number): number {
  let [numerator, denominator] = [0, 1];
  for (let rest = point; rest > 0; rest = Math.floor(rest / base), denominator *= base) numerator = numerator * base + (rest % base);
  return Math.floor((numerator * size) / denominator);
}
