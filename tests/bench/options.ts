import { parseArgs } from 'node:util';

export interface BenchServiceOptions {
  readonly bundle: string;
  readonly redisUrl: string;
  /** Interleaved repetitions of every figure. */
  readonly rounds: number;
  /** Requests kept under way. */
  readonly inFlight: number;
  /** Batches of `capacity` pictures that a throughput window holds. */
  readonly batches: number;
  readonly capacity: number;
  /** Length of one acceptance measurement. */
  readonly acceptSeconds: number;
  /** Connections, and adds under way, of the acceptance measurement. */
  readonly connections: number;
  readonly json: boolean;
}

export function parseOptions(args: readonly string[]): BenchServiceOptions {
  const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      bundle: text('bundles/emoji'),
      redis: text('redis://127.0.0.1:6379'),
      rounds: text('3'),
      'in-flight': text('200'),
      batches: text('8'),
      capacity: text('16'),
      'accept-seconds': text('4'),
      connections: text('100'),
      json: { type: 'boolean', default: false },
    },
  });
  const count = (key: 'rounds' | 'in-flight' | 'batches' | 'capacity' | 'accept-seconds' | 'connections'): number => {
    const value = Number(values[key]);
    if (Number.isInteger(value) && value > 0 && value <= 10_000) return value;
    throw new Error(`--${key} is ${values[key]}; use a whole number from 1 to 10000`);
  };
  return {
    bundle: values.bundle,
    redisUrl: values.redis,
    rounds: count('rounds'),
    inFlight: count('in-flight'),
    batches: count('batches'),
    capacity: count('capacity'),
    acceptSeconds: count('accept-seconds'),
    connections: count('connections'),
    json: values.json,
  };
}
