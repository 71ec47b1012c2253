import { request, type OutgoingHttpHeaders } from 'node:http';
import type { Answer } from '../harness/index.js';

export interface Sent {
  readonly method: string;
  /** As it goes over the wire: escaped or not, and whatever it is. */
  readonly path: string;
  /** A list is sent as so many headers. */
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string | undefined;
}

/** Sends what a well-behaved client would not: `fetch` mends addresses and headers. Of a stream of events only the head is waited for. */
export function send(url: string, { method, path, headers, body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, method, path, headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) }, agent: false, timeout: 20_000 }, (response) => {
      const heads = new Headers(Object.entries(response.headersDistinct).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value])));
      const type = heads.get('content-type') ?? '';
      const answer = (text: string): void => resolve({ status: response.statusCode!, headers: heads, body: /json\b/.test(type) ? JSON.parse(text) : text });
      if (type.startsWith('text/event-stream')) return void (answer(''), sent.destroy());
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => { try { answer(Buffer.concat(chunks).toString()); } catch (error) { reject(error as Error); } });
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
