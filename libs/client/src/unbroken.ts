import type { Connection } from './connection.js';
import { ConnectionError } from './errors.js';

export interface UnbrokenOptions {
  /** Whether all has been told. */
  readonly isOver: () => boolean;
  /** Told each time that the connection is lost, before the next try. */
  readonly onLost?: ((error: ConnectionError) => void) | undefined;
  /** Further tries of what was never heard, or is refused for now; default the connection’s. */
  readonly retries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What streams tell, one after the other, until all has been told. What was heard once is never given up for a connection that broke. */
export async function* unbroken<T>(connection: Connection, listen: () => AsyncGenerator<T>, { isOver, onLost, retries, signal }: UnbrokenOptions): AsyncGenerator<T> {
  let [heard, tried] = [false, 0];
  for (;;) {
    let loss: unknown = new ConnectionError(connection.url, 'the events ended before all was told'); // of a gateway that leaves
    try {
      for await (const event of listen()) {
        [heard, tried] = [true, 0];
        yield event;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!isOver() && error instanceof ConnectionError) onLost?.(error);
      loss = error;
    }
    if (isOver()) return;
    await connection.rest(loss, tried++, { signal, retries: heard && loss instanceof ConnectionError ? Infinity : retries });
  }
}
