import type { Server } from 'node:http';
import { SlipstreamError } from '@slipstream/contracts';
import { answerTo } from './unread-requests.js';

/**
 * Lets go of who has begun a body and sends nothing of it for so long: the other end may have vanished without a word, and
 * its connection, with what was begun for it, would be kept for good. How long the whole takes is nobody's business.
 */
export function letSilentSendersGo(server: Server, silenceMs: number): void {
  server.on('request', (request, response) => {
    if (request.headers['transfer-encoding'] === undefined && Number(request.headers['content-length'] ?? 0) === 0) return;
    request.setTimeout(silenceMs, () => {
      if (!response.headersSent) request.socket.write(answerTo(new SlipstreamError('request_timeout', `nothing of the body came for ${silenceMs / 1000} seconds`, { remedy: 'send it again' })));
      request.socket.destroySoon();
    });
    request.once('end', () => {
      if (!response.writableFinished) request.setTimeout(0); // by then the time of a connection at rest runs
    });
  });
}
