// Loopback ports, and waiting for something to become true.
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { DoorError } from './processes.mjs';

/** A port that was free a moment ago; port 0 asks for any. Rejects when the wanted one is taken. */
export function freePort(wanted = 0, host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(wanted, host, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Polls until `condition` holds. Rejects with a DoorError at the deadline, quietly ends when `signal` aborts. */
export async function until(condition, { deadlineMs, what, signal }) {
  const deadline = Date.now() + deadlineMs;
  while (!signal?.aborted && !(await condition())) {
    if (Date.now() > deadline) throw new DoorError(`${what} within ${deadlineMs / 1000} s`);
    await wait(100);
  }
}
