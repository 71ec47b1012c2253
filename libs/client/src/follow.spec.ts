import { describe, expect, it } from 'vitest';
import type { FollowOptions } from './follow.js';
import { SlipstreamClient, type ClientOptions } from './slipstream-client.js';

type Turn = (asked: Headers) => Response;

const state = (id: string, status: string): string => `event: generation.state\nid: ${id}\ndata: {"type":"generation.state","id":"g","status":"${status}"}\n\n`;
const stream = (text: string, { cut = false } = {}): Turn => () => new Response(new ReadableStream({
  start(controller) {
    if (text) controller.enqueue(new TextEncoder().encode(text));
    if (!cut) controller.close();
  },
  pull: (controller) => controller.error(new TypeError('cut off')),
}), { headers: { 'content-type': 'text/event-stream' } });
const hangUp: Turn = () => {
  throw new TypeError('nobody there');
};
const problem = (status: number, code: string, headers: Record<string, string> = {}): Turn => () => Response.json({ detail: code, error: { code, param: null } }, { status, headers });

/** What is told, what was said to have been seen at each try, and the waits between. */
async function follow(turns: Turn[], options: FollowOptions = {}, client: Partial<ClientOptions> = {}) {
  const [told, seen, lost, waits]: [string[], (string | null)[], string[], number[]] = [[], [], [], []];
  const fetch: ClientOptions['fetch'] = async (_url, init) => {
    const headers = new Headers(init!.headers);
    seen.push(headers.get('last-event-id'));
    return (turns.length > 1 ? turns.shift()! : turns[0]!)(headers);
  };
  const connected = new SlipstreamClient({ baseUrl: 'http://gateway.example', fetch, pause: async (ms) => void waits.push(ms), ...client });
  const ended = (async () => {
    for await (const { id } of connected.follow('g', { onLost: ({ message }) => lost.push(message), ...options })) told.push(id!);
  })();
  return { told, seen, lost, waits, error: await ended.then(() => undefined, (error: unknown) => error) };
}

describe('following', () => {
  it('goes on behind the last event where the stream was cut off, and ends with the generation', async () => {
    const { told, seen, lost, waits, error } = await follow([stream(state('1', 'queued') + state('2', 'in_progress'), { cut: true }), hangUp, stream(state('3', 'completed'), { cut: true })]);
    expect({ told, seen, error }).toEqual({ told: ['1', '2', '3'], seen: [null, '2', '2'], error: undefined });
    expect([lost.length, waits.length]).toEqual([2, 2]);
  });

  it('comes back to a gateway that left in order, and ends where all has been seen', async () => {
    const { told, seen, lost, error } = await follow([stream(state('1', 'in_progress')), () => new Response(null, { status: 204 })]);
    expect({ told, seen, lost, error }).toEqual({ told: ['1'], seen: [null, '1'], lost: [], error: undefined });
  });

  it('never gives up what was once heard, and gives up at once what never was', async () => {
    const away = Array.from({ length: 20 }, () => hangUp);
    expect(await follow([stream(state('1', 'queued'), { cut: true }), ...away, stream(state('2', 'failed'))])).toMatchObject({ told: ['1', '2'], error: undefined });
    const never = await follow([hangUp], { lastEventId: '1' });
    expect(never).toMatchObject({ told: [], seen: ['1', '1', '1'], error: { name: 'ConnectionError' } });
  });

  it('tries as often as it is told to', async () => {
    const away = Array.from({ length: 9 }, () => hangUp);
    expect(await follow([...away, ...Array.from({ length: 9 }, () => problem(503, 'queue_unavailable', { 'x-should-retry': 'true' })), stream(state('1', 'completed'))], { retries: Infinity })).toMatchObject({ told: ['1'], error: undefined });
    expect((await follow([hangUp], { retries: 0 })).waits).toEqual([]);
  });

  it('asks again after an error among the events, and throws the answer', async () => {
    const broken = stream('event: error\ndata: {"status":503,"detail":"in words","error":{"code":"queue_unavailable","param":null}}\n\n');
    expect(await follow([broken, problem(404, 'generation_not_found')])).toMatchObject({ error: { code: 'generation_not_found' } });
    expect((await follow([broken])).waits).toHaveLength(2);
    const gone = stream('event: error\ndata: {"status":410,"detail":"in words","error":{"code":"generation_expired","param":null}}\n\n');
    expect(await follow([gone])).toMatchObject({ waits: [], error: { status: 410, retryable: false } });
    expect(await follow([problem(503, 'queue_unavailable', { 'x-should-retry': 'true', 'retry-after': '2' }), stream(state('1', 'cancelled'))])).toMatchObject({ told: ['1'], waits: [2_000], error: undefined });
  });

  it('ends with the signal, while it waits too', async () => {
    const controller = new AbortController();
    const { told, error } = await follow([stream(state('1', 'queued'), { cut: true }), hangUp], { signal: controller.signal, onLost: () => controller.abort(new Error('enough')) }, { pause: undefined });
    expect({ told, error }).toEqual({ told: ['1'], error: new Error('enough') });
  });
});
