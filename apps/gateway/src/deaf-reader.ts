import type { ServerResponse } from 'node:http';

/** Ends an answer of which its reader has taken nothing for `deafMs`, by default a minute: nobody holds a gateway's memory and connections for nothing. */
export function letDeafReaderGo(response: ServerResponse, deafMs = 60_000): void {
  response.setTimeout(deafMs, () => response.destroy());
}
