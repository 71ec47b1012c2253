/** Rounds as Python and torch do: exact halves go to the even neighbour (`Math.round` sends them up). */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const fraction = value - below;
  if (fraction !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
