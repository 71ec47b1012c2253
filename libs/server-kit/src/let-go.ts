import type { Server } from 'node:http';
import type { Socket } from 'node:net';

interface Closing {
  readonly server: Server;
  addHook(name: 'preClose', hook: (done: () => void) => void): unknown;
}

/**
 * Lets a server that closes wait for the answers under way, and for no other connection: one that has asked nothing, or
 * only half a question, is cut at once; whatever is left after `graceMs` is cut too, as a client that does not read.
 */
export function letGo({ server, addHook }: Closing, graceMs: number): void {
  /** Answers under way of each connection. */
  const open = new Map<Socket, number>();
  let closing = false;
  const count = (socket: Socket, change: number): void => {
    const answers = (open.get(socket) ?? 0) + change;
    if (open.has(socket)) open.set(socket, answers);
    if (closing && answers === 0) socket.destroySoon();
  };
  server.on('connection', (socket) => {
    open.set(socket, 0);
    socket.once('close', () => open.delete(socket));
    if (closing) socket.destroy();
  });
  server.on('request', ({ socket }, response) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
  addHook('preClose', (done) => {
    closing = true;
    for (const [socket, answers] of open) if (answers === 0) socket.destroy();
    setTimeout(() => server.closeAllConnections(), graceMs).unref();
    done();
  });
}
