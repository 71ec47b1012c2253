/** Asks /livez again and again while the engine is saturated, 10 ms apart; milliseconds of each answer. */
export async function probeLivez(url: string, isSaturated: () => boolean): Promise<number[]> {
  const answersMs: number[] = [];
  while (isSaturated()) {
    const startedMs = performance.now();
    const answer = await fetch(`${url}/livez`);
    await answer.text();
    if (answer.status !== 200) throw new Error(`/livez answered ${answer.status} under load`);
    answersMs.push(performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return answersMs;
}

/** The value that a share of the values does not exceed (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
