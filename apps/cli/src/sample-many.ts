import type { Engine, SampleRequest, SampleResult } from '@slipstream/runtime';

export interface SampleManyOptions {
  /** Requests handed to the engine at once; default twice its capacity, so that a row never waits for work. */
  readonly inFlight?: number;
  readonly signal?: AbortSignal;
  readonly onDone?: (result: SampleResult, index: number) => void;
}

/** Makes many pictures and keeps the engine saturated; results in the order of the requests. The first failure wins. */
export async function sampleMany(
  engine: Pick<Engine, 'submit' | 'capacity'>,
  requests: readonly SampleRequest[],
  { inFlight = 2 * engine.capacity, signal, onDone }: SampleManyOptions = {},
): Promise<SampleResult[]> {
  const results: SampleResult[] = new Array<SampleResult>(requests.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < requests.length) {
      const index = next;
      next += 1;
      const result = await engine.submit(requests[index] as SampleRequest, { signal });
      results[index] = result;
      onDone?.(result, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, requests.length) }, lane));
  return results;
}
