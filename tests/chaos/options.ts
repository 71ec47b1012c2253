import { parseArgs } from 'node:util';

export interface ChaosOptions {
  readonly jobs: number;
  readonly seed: number;
  readonly workers: number;
  readonly gateways: number;
  /** Jobs kept under way. */
  readonly inFlight: number;
  /** Rounds of the measurement of a take-over. */
  readonly rounds: number;
  /** Folder for summary.json and summary.md; none writes nothing. */
  readonly out: string | undefined;
}

export const usualOptions: ChaosOptions = { jobs: 2_000, seed: 1, workers: 3, gateways: 2, inFlight: 128, rounds: 5, out: undefined };

export function parseOptions(args: readonly string[]): ChaosOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { jobs: text, seed: text, workers: text, gateways: text, 'in-flight': text, rounds: text, out: text } });
  const count = (key: 'jobs' | 'seed' | 'workers' | 'gateways' | 'in-flight' | 'rounds', fallback: number): number => {
    const value = Number(values[key] ?? fallback);
    if (Number.isInteger(value) && value >= 0 && value <= 1_000_000) return value;
    throw new Error(`--${key} is ${values[key]}; use a whole number`);
  };
  const { jobs, seed, workers, gateways, inFlight, rounds } = usualOptions;
  return {
    jobs: count('jobs', jobs), seed: count('seed', seed), workers: count('workers', workers), gateways: count('gateways', gateways),
    inFlight: count('in-flight', inFlight), rounds: count('rounds', rounds), out: values.out,
  };
}
