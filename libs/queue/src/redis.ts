import { Redis, type RedisOptions } from 'ioredis';
import { SlipstreamError } from '@slipstream/contracts';

/** How a connection behaves while Redis is away: a `producer` fails at once, a `consumer` waits for it to come back. */
export type RedisRole = 'producer' | 'consumer';

const roles: Readonly<Record<RedisRole, RedisOptions>> = {
  producer: { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 5_000 },
  consumer: { enableOfflineQueue: true, maxRetriesPerRequest: null },
};

/** A connection that keeps trying to reach Redis, never more than two seconds apart. Attach an `error` listener. */
export function openRedis(url: string, role: RedisRole): Redis {
  return new Redis(url, {
    ...roles[role],
    connectTimeout: 5_000,
    keepAlive: 10_000,
    retryStrategy: (attempt) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 6)),
    reconnectOnError: (error) => error.message.startsWith('READONLY'), // a replica after a fail-over
  });
}

/** The address without user or password: `redis://host:port/db`. */
export function redactedRedisUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
  } catch {
    return 'redis address';
  }
}

/** What every door says when Redis does not answer, or refuses: names the address and the remedy, never the password. */
export function queueUnavailable(url: string, cause: unknown): SlipstreamError {
  if (cause instanceof SlipstreamError) return cause;
  const reason = reasonOf(cause);
  const remedy = reason.startsWith('OOM')
    ? 'give Redis more memory, or lower RESULT_TTL_SECONDS'
    : /NOAUTH|WRONGPASS|NOPERM/.test(reason)
      ? 'put the right user and password in REDIS_URL'
      : 'start Redis there, or set REDIS_URL to one that runs; requests are served again as soon as it answers';
  return new SlipstreamError('queue_unavailable', `Redis at ${redactedRedisUrl(url)} does not serve the queue (${reason})`, {
    cause,
    remedy,
  });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'no connection';
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return reasonOf(cause.errors[0]);
  if (/enableOfflineQueue|Connection is closed|max retries per request/i.test(cause.message)) return 'no connection';
  return (cause as NodeJS.ErrnoException).code ?? cause.message.slice(0, 120);
}
