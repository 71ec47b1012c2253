import type { Engine, SampleRequest, SampleResult, StepReport } from '@slipstream/runtime';

/** One measurement: pictures submitted together, and every graph run meanwhile. */
export interface Timing {
  /** Wall clock from the first submit to the last picture. */
  readonly seconds: number;
  readonly results: readonly SampleResult[];
  readonly reports: readonly StepReport[];
}

/** Submits all requests at once and times them to the last one. */
export async function timed(
  engine: Pick<Engine, 'submit' | 'on'>,
  requests: readonly SampleRequest[],
  signal?: AbortSignal,
): Promise<Timing> {
  const reports: StepReport[] = [];
  const stopListening = engine.on((report) => reports.push(report));
  const startedMs = performance.now();
  try {
    const results = await Promise.all(requests.map((request) => engine.submit(request, { signal })));
    return { seconds: (performance.now() - startedMs) / 1000, results, reports };
  } finally {
    stopListening();
  }
}

/** How often a measurement of that cost fits into the time, within bounds. */
export function repetitionsWithin(
  seconds: number,
  costSeconds: number,
  { least, most }: { least: number; most: number },
): number {
  return Math.min(most, Math.max(least, Math.floor(seconds / costSeconds)));
}
