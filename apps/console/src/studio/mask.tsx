/** What is still masked, a veil a token: `masked` is a 0 or 1 a token, row after row of the grid. */
export function Mask({ grid, masked }: { grid: string; masked: string }) {
  const [columns = 1, rows = 1] = grid.split('x').map(Number);
  const veil = [...masked].flatMap((bit, index) => (bit === '1' ? `M${index % columns} ${Math.floor(index / columns)}h1v1h-1z` : [])).join('');
  return <svg className="mask" viewBox={`0 0 ${columns} ${rows}`} preserveAspectRatio="none" aria-hidden="true"><path d={veil} /></svg>;
}
