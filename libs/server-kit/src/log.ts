import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoggerService } from '@nestjs/common';
import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';

/** Ids that every log line written on behalf of a request or a job carries. */
export interface LogIds {
  readonly requestId?: string;
  readonly jobId?: string;
}

export type { Logger };

const ids = new AsyncLocalStorage<LogIds>();

/** Runs `work` with these ids on all its log lines, and on those of all it calls. */
export function withLogIds<T>(given: LogIds, work: () => T): T {
  return ids.run({ ...ids.getStore(), ...given }, work);
}

/** The ids of the request or job at hand. */
export function currentLogIds(): LogIds {
  return ids.getStore() ?? {};
}

/** JSON lines on stdout, one per event. Passwords in addresses, signatures and authorization headers never get there. */
export function openLogger(options: { service: string; level: string; destination?: DestinationStream }): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...ids.getStore() }),
      redact: { paths: ['authorization', 'headers.authorization', 'headers.cookie', 'password', 'SIGNING_KEY'], censor: '***' },
      serializers: { err: (error: Error) => redactStrings(stdSerializers.errWithCause(error)) },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

function redactStrings<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? redacted(inner) : inner))) as T;
}

const redacted = (text: string): string =>
  text.replace(/\/\/[^/\s@]+@/g, '//***@').replace(/\b(signature|x-amz-[a-z-]+)=[^&\s]+/gi, '$1=***');

/** Lets Nest log through pino. Its own start-up chatter is `debug`. */
export class NestLogger implements LoggerService {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  log(message: unknown, context?: unknown): void {
    this.#logger.debug({ context }, String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    if (message instanceof Error) this.#logger.error({ err: message, context: rest.at(-1) }, message.message);
    else this.#logger.error({ context: rest.at(-1), stack: rest.length > 1 ? rest[0] : undefined }, String(message));
  }

  warn(message: unknown, context?: unknown): void {
    this.#logger.warn({ context }, String(message));
  }

  debug(message: unknown, context?: unknown): void {
    this.#logger.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: unknown): void {
    this.#logger.trace({ context }, String(message));
  }
}
