import { describe, expect, it } from 'vitest';
import { SlipstreamClient, type ImageRequest, type StreamOptions } from './slipstream-client.js';

const event = (data: object, name = 'told'): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const partial = (index: number, partial_image_index: number, b64_json: string): string => event({ type: 'image_generation.partial_image', id: 'g', index, partial_image_index, b64_json });
const completed = (index: number): string => event({ type: 'image_generation.completed', id: 'g', index, b64_json: `picture ${index}` });
const failure = (status: number, code: string): string => event({ status, detail: 'in words', error: { code, param: null } }, 'error');

/** What is told by streams that end one after the other, and what was asked for each time. */
async function stream(texts: string[], request: Partial<ImageRequest> = {}, options: StreamOptions = {}) {
  const [told, asked]: [unknown[], { key: string | null; body: unknown }[]] = [[], []];
  const fetch = async (_url: unknown, init?: RequestInit): Promise<Response> => {
    asked.push({ key: new Headers(init!.headers).get('idempotency-key'), body: JSON.parse(init!.body as string) });
    return new Response(texts.length > 1 ? texts.shift() : texts[0], { headers: { 'content-type': 'text/event-stream' } });
  };
  const client = new SlipstreamClient({ baseUrl: 'http://gateway.example', fetch, pause: async () => {} });
  const read = async (): Promise<void> => {
    for await (const each of client.stream({ prompt: 'sun', ...request }, options)) told.push(each.type === 'image_generation.completed' ? each.b64_json : [each.index, each.partial_image_index, each.b64_json]);
  };
  return { error: await read().then(() => undefined, (error: unknown) => error), told, asked };
}

describe('a stream of pictures', () => {
  it('ends with the last picture, and asks for a stream under a key of its own', async () => {
    const { told, asked, error } = await stream([partial(0, 0, 'a') + completed(0) + completed(1)], { n: 2 });
    expect({ told, error }).toEqual({ told: [[0, 0, 'a'], 'picture 0', 'picture 1'], error: undefined });
    expect(asked).toEqual([{ key: expect.stringMatching(/^[0-9a-f]{32}$/), body: { prompt: 'sun', n: 2, stream: true } }]);
  });

  it('goes on where it was cut off, and tells nothing twice', async () => {
    const first = partial(0, 0, 'a') + partial(1, 0, 'b') + partial(0, 1, 'c') + completed(1);
    const { told, asked, error } = await stream([first, partial(0, 0, 'c') + partial(1, 0, 'b') + partial(0, 1, 'd'), completed(0) + completed(1)], { n: 2 }, { idempotencyKey: 'mine' });
    expect(told).toEqual([[0, 0, 'a'], [1, 0, 'b'], [0, 1, 'c'], 'picture 1', [0, 2, 'd'], 'picture 0']);
    expect({ keys: asked.map(({ key }) => key), error }).toEqual({ keys: ['mine', 'mine', 'mine'], error: undefined });
  });

  it('asks again after an error that may pass, and throws one that will not', async () => {
    expect(await stream([failure(503, 'not_ready'), completed(0)])).toMatchObject({ told: ['picture 0'], error: undefined });
    const { error, asked } = await stream([failure(410, 'generation_expired')]);
    expect([asked.length, error]).toEqual([1, expect.objectContaining({ name: 'ApiError', status: 410, code: 'generation_expired', message: 'in words' })]);
  });

  it('that never began is given up after the last try', async () => {
    const { error, asked } = await stream(['']);
    expect([asked.length, error]).toEqual([3, expect.objectContaining({ name: 'ConnectionError' })]);
  });
});
