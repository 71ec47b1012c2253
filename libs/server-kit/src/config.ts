import { z } from 'zod';
import { SlipstreamError } from '@slipstream/contracts';

const seconds = (fallback: number, least = 0): z.ZodType<number> => z.coerce.number('must be a number of seconds').min(least, `must be at least ${least} seconds`).max(31_536_000, 'must be at most a year').default(fallback);
const url = (protocols: RegExp, example: string): z.ZodString => z.string().refine((text) => URL.canParse(text) && protocols.test(text), `must be a URL such as ${example}`);

/** A port; 0 asks the system for a free one. */
export const portKey = (fallback: number): z.ZodType<number> => z.coerce.number('must be a port number').int('must be a port number').min(0, 'must be 0 to 65535').max(65_535, 'must be 0 to 65535').default(fallback);
export const countKey = (fallback: number, most: number): z.ZodType<number> => z.coerce.number('must be a whole number').int('must be a whole number').min(1, 'must be at least 1').max(most, `must be at most ${most}`).default(fallback);
export const secondsKey = seconds;
/** A number between two others, both included; left out, it is the fallback. */
export const numberKey = <T extends number | undefined>(fallback: T, { min, max }: { min: number; max: number }): z.ZodType<number | T> => {
  const key = z.coerce.number(`must be a number from ${min} to ${max}`).min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);
  return (fallback === undefined ? key.optional() : key.default(fallback)) as z.ZodType<number | T>;
};

export const redisUrlKey = url(/^rediss?:/, 'redis://127.0.0.1:6379');
/** A folder or a bucket, as `openStore` takes it. */
export const storageUrlKey = z.string().regex(/^(file:.+|s3:\/\/[a-z0-9][a-z0-9.-]+.*)$/, 'must be file:path/to/folder or s3://bucket/prefix');

/** Environment keys that both servers read. Each server adds its own with `.extend()`. */
export const serverConfig = z.object({
  HOST: z.string().min(1, 'must name an address to listen on').default('127.0.0.1'),
  REDIS_URL: redisUrlKey.default('redis://127.0.0.1:6379'),
  QUEUE_PREFIX: z.string().regex(/^[A-Za-z0-9{}_-]{1,64}$/, 'must be 1 to 64 letters, digits, "_", "-" or braces').default('slipstream'),
  STORAGE_URL: storageUrlKey.default('file:.slipstream/pictures'),
  BUNDLE: z.string().min(1, 'must name the folder of a bundle').default('bundles/emoji'),
  RESULT_TTL_SECONDS: seconds(86_400, 1),
  DRAIN_SECONDS: seconds(20),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'must be fatal, error, warn, info, debug, trace or silent').default('info'),
});

/**
 * Parses environment variables; an empty value counts as not set.
 * @throws SlipstreamError `configuration_invalid`, whose message has a line for every bad key. Values are not shown: they may be secrets.
 */
export function parseConfig<T>(schema: z.ZodType<T>, env: Readonly<Record<string, string | undefined>>): T {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.') || 'environment'} ${issue.message}`);
  const param = result.error.issues[0]?.path.join('.');
  throw new SlipstreamError('configuration_invalid', `the environment is not valid:\n${lines.join('\n')}`, { param, cause: result.error });
}

/** The configuration of this process; prints every bad key and exits with 1 where there is one. The only reader of `process.env`. */
export function loadConfig<T>(schema: z.ZodType<T>): T {
  try {
    return parseConfig(schema, process.env);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
