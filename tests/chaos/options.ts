import { parseArgs } from 'node:util';

export interface ChaosOptions {
  readonly jobs: number;
  readonly seed: number;
  readonly workers: number;
  readonly gateways: number;
  /** Jobs kept under way. */
  readonly inFlight: number;
  /** In each place from the end of a fault to the next, at least and at most. */
  readonly gapMs: readonly [number, number];
  /** Rounds of the measurement of a take-over. */
  readonly rounds: number;
  /** Of the storm: when they are over nothing more is sent, and what was sent comes to its end. */
  readonly minutes: number;
  /** Folder for summary.json and summary.md; none writes nothing. */
  readonly out: string | undefined;
}

export const usualOptions: ChaosOptions = { jobs: 2_000, seed: 1, workers: 3, gateways: 2, inFlight: 128, gapMs: [1_000, 10_000], rounds: 5, minutes: 25, out: undefined };

export function parseOptions(args: readonly string[]): ChaosOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { jobs: text, seed: text, workers: text, gateways: text, 'in-flight': text, rounds: text, minutes: text, out: text } });
  const count = (key: 'jobs' | 'seed' | 'workers' | 'gateways' | 'in-flight' | 'rounds' | 'minutes', fallback: number, most = 1_000_000): number => {
    const value = Number(values[key] ?? fallback);
    if (Number.isInteger(value) && value >= 0 && value <= most) return value;
    throw new Error(`--${key} is ${values[key]}; use a whole number up to ${most}`);
  };
  const { jobs, seed, workers, gateways, inFlight, rounds, minutes, gapMs } = usualOptions;
  return {
    jobs: count('jobs', jobs), seed: count('seed', seed), workers: count('workers', workers), gateways: count('gateways', gateways),
    inFlight: count('in-flight', inFlight), gapMs, rounds: count('rounds', rounds), minutes: count('minutes', minutes, 10_000), out: values.out,
  };
}
