import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Webhook, WebhookEvent } from '@slipstream/contracts';
import { CallGuard, type Target } from './call-guard.js';
import { pinnedPost, type Post } from './post.js';
import { Sender } from './sender.js';
import { newSecret } from './signature.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const event: WebhookEvent = { id: 'evt_1', type: 'generation.completed', tenant: 'default', subject: 'gen_1', atMs: Date.UTC(2026, 0, 1) };
const webhookAt = (url: string): Webhook => ({ id: 'wh_1', tenant: 'default', url, events: [event.type], description: '', status: 'enabled', createdAtMs: 0, secrets: [{ secret: newSecret() }] });
const never = new AbortController().signal;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<number> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** What a sender makes of an answer of this server. */
async function answerOf(listener: RequestListener, { timeoutSeconds = 10 } = {}) {
  const port = await serve(listener);
  return new Sender({ guard: new CallGuard(['127.0.0.1']), timeoutSeconds }).send(event, webhookAt(`http://127.0.0.1:${port}/in`), never);
}

const status = (code: number, headers = {}): RequestListener => (_request, response) => void response.writeHead(code, headers).end('thanks');

describe('a sender', () => {
  it.each([200, 202, 204])('takes %i as a receipt', async (code) => {
    expect(await answerOf(status(code))).toMatchObject({ verdict: 'delivered', attempt: { status: code } });
  });

  it.each([301, 302, 307, 308])('follows no redirect: %i is a failure', async (code) => {
    const asked: string[] = [];
    const answer = await answerOf((request, response) => {
      asked.push(request.url!);
      response.writeHead(code, { location: '/elsewhere' }).end();
    });
    expect(answer).toMatchObject({ verdict: 'failed', attempt: { status: code, fault: expect.stringMatching(/redirect/) } });
    expect(asked).toEqual(['/in']);
  });

  it('takes 410 as never again, and anything else as a failure with what it asks for', async () => {
    expect(await answerOf(status(410))).toMatchObject({ verdict: 'gone' });
    server!.close();
    expect(await answerOf(status(429, { 'retry-after': '30' }))).toMatchObject({ verdict: 'failed', retryAfterMs: 30_000 });
  });

  it('does not wait for an answer that does not come, nor for the end of one that does not end', async () => {
    const collecting: RequestListener = () => void setImmediate(collectGarbage); // a timer that only a signal knows would be gone
    expect(await answerOf(collecting, { timeoutSeconds: 0.05 })).toMatchObject({ verdict: 'failed', attempt: { fault: 'no answer within 0.05 seconds' } });
    server!.closeAllConnections();
    expect(await answerOf((_request, response) => void response.writeHead(200).write('and then'))).toMatchObject({ verdict: 'delivered' });
  });

  it('does not wait for a name that is not resolved', async () => {
    const sender = new Sender({ guard: new CallGuard([], () => new Promise(() => {})), timeoutSeconds: 0.05 });
    expect(await sender.send(event, webhookAt('https://hooks.example/'), never)).toMatchObject({ verdict: 'failed', attempt: { fault: 'no answer within 0.05 seconds' } });
  });

  it('drops what it is doing when it is told to stop', async () => {
    const stop = new AbortController();
    const sender = new Sender({ guard: new CallGuard([], async () => (stop.abort(new Error('leaving')), ['93.184.216.34'])), timeoutSeconds: 10, post: () => new Promise(() => {}) });
    await expect(sender.send(event, webhookAt('https://hooks.example/'), stop.signal)).rejects.toThrow('leaving');
  });

  it('says that nobody is there', async () => {
    const port = await serve(() => {});
    await new Promise((resolve) => server!.close(resolve));
    const sender = new Sender({ guard: new CallGuard(['127.0.0.1']), timeoutSeconds: 5 });
    expect(await sender.send(event, webhookAt(`http://127.0.0.1:${port}`), never)).toMatchObject({ verdict: 'failed', attempt: { fault: 'no connection (ECONNREFUSED)' } });
  });

  it('sends a signed event, by name', async () => {
    let sent: { headers: Record<string, unknown>; body: string } | undefined;
    await answerOf((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk)).on('end', () => {
        sent = { headers: request.headers, body };
        response.end();
      });
    });
    expect(sent!.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': 'evt_1', 'webhook-signature': expect.stringMatching(/^v1,\S{44}$/) });
    expect(JSON.parse(sent!.body)).toEqual({ id: 'evt_1', object: 'event', type: 'generation.completed', timestamp: '2026-01-01T00:00:00.000Z', created_at: 1_767_225_600, data: { id: 'gen_1', object: 'generation', status: 'completed' } });
  });
});

describe('a name that changes its mind', () => {
  const rebinding = (...answers: string[][]) => new CallGuard([], async () => answers.shift()!);

  it('is called where it was when it was looked at', async () => {
    const called: Target[] = [];
    const post: Post = async (target) => {
      called.push(target);
      return { status: 200, retryAfter: undefined };
    };
    const sender = new Sender({ guard: rebinding(['93.184.216.34'], ['127.0.0.1']), timeoutSeconds: 5, post });
    expect(await sender.send(event, webhookAt('https://rebinding.example/'), never)).toMatchObject({ verdict: 'delivered' });
    expect(await sender.send(event, webhookAt('https://rebinding.example/'), never)).toMatchObject({ verdict: 'failed', attempt: { fault: expect.stringMatching(/no public address/) } });
    expect(called.map(({ addresses }) => addresses)).toEqual([['93.184.216.34']]);
  });

  it('leads a connection to the pinned address, whatever the name resolves to', async () => {
    const hosts: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      hosts.push(request.headers.host);
      response.end();
    });
    const target = { url: new URL(`http://no-such-name.invalid:${port}/`), addresses: ['127.0.0.1'] };
    expect(await pinnedPost(target, { headers: {}, body: '{}', signal: never })).toMatchObject({ status: 200 });
    expect(hosts).toEqual([`no-such-name.invalid:${port}`]);
  });
});
