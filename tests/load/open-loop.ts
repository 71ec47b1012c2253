/** How one request ended: `refused` is 429 or 503, `failed` anything else but a picture. */
export type Ending = 'completed' | 'refused' | 'failed';

export interface Answered {
  readonly ending: Ending;
  /** From when the request was meant to be sent, however late it was: a slow service cannot slow its own clients. */
  readonly latencySeconds: number;
  /** Seconds from the start. */
  readonly endedAt: number;
}

/** Sends each request at its time, whatever has become of those before, and waits for all of them. */
export async function openLoop(arrivals: readonly number[], request: (index: number) => Promise<Ending>): Promise<Answered[]> {
  const startedMs = performance.now();
  const sinceStart = (): number => (performance.now() - startedMs) / 1000;
  const send = async (at: number, index: number): Promise<Answered> => {
    await new Promise((resolve) => setTimeout(resolve, at * 1000 - sinceStart() * 1000));
    const ending = await request(index).catch((): Ending => 'failed');
    return { ending, endedAt: sinceStart(), latencySeconds: sinceStart() - at };
  };
  return Promise.all(arrivals.map(send));
}
