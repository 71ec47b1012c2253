import type { Health } from './health.js';
import type { Logger } from './log.js';

export interface RunOptions {
  readonly logger: Logger;
  readonly health: Health;
  /** Time for `drain`. */
  readonly drainSeconds: number;
  /** Stops taking work and finishes, or hands back, what is in hand; must not outlast the deadline by much. */
  drain(deadlineMs: number): Promise<void>;
  /** Lets go of everything: server, connections, threads. */
  close(): Promise<void>;
  /** Ends the process; a test hands in its own. */
  exit?: (code: number) => void;
}

const closeDeadlineMs = 8_000;

/**
 * The one way out of a server. SIGTERM or SIGINT: not ready → stop taking → drain with a deadline → close → exit 0.
 * A second signal ends it at once. Returns `fail`, which takes the same way after a fatal error and exits with 1.
 */
export function runUntilSignal(options: RunOptions): { fail(error: unknown): void } {
  const { logger, exit = (code) => process.exit(code) } = options;
  let leaving = false;
  const leave = async (code: number): Promise<void> => {
    leaving = true;
    options.health.drain();
    const lateMs = options.drainSeconds * 1000 + closeDeadlineMs;
    setTimeout(() => (logger.error({ lateMs }, 'shutdown took too long'), exit(1)), lateMs).unref();
    try {
      await options.drain(options.drainSeconds * 1000);
      await options.close();
    } catch (error) {
      logger.error({ err: error }, 'shutdown failed');
      return exit(1);
    }
    logger.info({ code }, 'stopped');
    exit(code);
  };
  const signalled = (signal: string): void => {
    if (leaving) return exit(1);
    logger.info({ signal }, 'stopping');
    void leave(0);
  };
  const fail = (error: unknown): void => {
    logger.fatal({ err: error }, error instanceof Error ? error.message : 'fatal error');
    if (!leaving) void leave(1);
  };
  process.on('SIGTERM', signalled);
  process.on('SIGINT', signalled);
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  return { fail };
}
