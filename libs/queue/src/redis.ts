import { Redis, type RedisOptions } from 'ioredis';
import { SlipstreamError } from '@slipstream/contracts';

/** How a connection behaves while Redis is away: a `producer` fails at once, a `consumer` waits for it to come back. */
export type RedisRole = 'producer' | 'consumer';

const roles: Readonly<Record<RedisRole, RedisOptions>> = {
  producer: { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 5_000 },
  consumer: { enableOfflineQueue: true, maxRetriesPerRequest: null },
};

/** Told once when Redis is lost and once when it is back; both connect again by themselves. */
export interface OutageListener {
  readonly onError?: (error: SlipstreamError) => void;
  readonly onRecovered?: () => void;
}

/** A connection that knows why it is down. */
export class RedisLink {
  readonly redis: Redis;
  readonly #url: string;
  #lastError: unknown;

  constructor(url: string, { role, onError, onRecovered }: OutageListener & { role: RedisRole }) {
    this.#url = url;
    this.redis = openRedis(url, role);
    this.redis.on('error', (error: Error) => {
      if (this.#lastError === undefined) onError?.(queueUnavailable(url, error));
      this.#lastError = error;
    });
    this.redis.on('ready', () => {
      if (this.#lastError !== undefined) onRecovered?.();
      this.#lastError = undefined;
    });
  }

  get ready(): boolean {
    return this.redis.status === 'ready';
  }

  /** What to throw for a command that failed with `cause`, or could not be sent. */
  unavailable(cause?: unknown): SlipstreamError {
    return queueUnavailable(this.#url, this.ready ? cause : (this.#lastError ?? cause));
  }

  /** Fails at once while Redis is away, and otherwise with the reason in words. */
  async ask<T>(work: () => Promise<T>): Promise<T> {
    if (!this.ready) throw this.unavailable();
    return work().catch((error: unknown) => {
      throw this.unavailable(error);
    });
  }
}

/** A connection that keeps trying to reach Redis, never more than two seconds apart. */
export function openRedis(url: string, role: RedisRole): Redis {
  return new Redis(url, {
    ...roles[role],
    connectTimeout: 5_000,
    keepAlive: 10_000,
    // A connection whose other half is gone never fails by itself. Longer than a worker's wait for a job, shorter than a lock lasts.
    socketTimeout: 8_000,
    retryStrategy: (attempt) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 6)),
    reconnectOnError: (error) => error.message.startsWith('READONLY'), // a replica after a fail-over
  });
}

/** A connection to hear messages on. It asks for nothing by itself, so it has to be asked whether its other half is there. */
export function openSubscriber(url: string): Redis {
  const redis = openRedis(url, 'consumer');
  const timer = setInterval(() => {
    if (redis.status === 'ready') redis.ping().catch(() => {}); // a silent one is given up, and opened anew
  }, 5_000).unref();
  redis.on('end', () => clearInterval(timer));
  return redis;
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
