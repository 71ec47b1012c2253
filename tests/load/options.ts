import { parseArgs } from 'node:util';

export interface LoadOptions {
  readonly bundle: string;
  readonly redisUrl: string;
  /** Length of each level. */
  readonly seconds: number;
  /** Arrivals in percent of measured capacity. */
  readonly levels: readonly number[];
  /** Rows of the engine. */
  readonly capacity: number;
  /** Pictures over which the capacity is measured. */
  readonly pictures: number;
  /** BACKLOG_DEVICE_SECONDS of the gateway: what is beyond it is refused. */
  readonly backlogSeconds: number;
  readonly seed: number;
  readonly json: boolean;
}

export function parseOptions(args: readonly string[]): LoadOptions {
  const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ bundle: text('bundles/emoji'), redis: text('redis://127.0.0.1:6379'), seconds: text('60'), levels: text('50,80,95,120') },
      ...{ capacity: text('16'), pictures: text('400'), 'backlog-seconds': text('10'), seed: text('1'), json: { type: 'boolean', default: false } },
    },
  });
  const whole = (name: string, given: string, most: number): number => {
    const value = Number(given);
    if (Number.isInteger(value) && value > 0 && value <= most) return value;
    throw new Error(`--${name} is ${given}; use a whole number from 1 to ${most}`);
  };
  return {
    bundle: values.bundle,
    redisUrl: values.redis,
    seconds: whole('seconds', values.seconds, 600),
    levels: values.levels.split(',').map((level) => whole('levels', level, 300)),
    capacity: whole('capacity', values.capacity, 256),
    pictures: whole('pictures', values.pictures, 10_000),
    backlogSeconds: whole('backlog-seconds', values['backlog-seconds'], 3_600),
    seed: whole('seed', values.seed, 1_000_000),
    json: values.json,
  };
}
