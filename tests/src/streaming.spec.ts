import type OpenAI from 'openai';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, eventually, openaiAt, ownService } from './harness/index.js';

const service = ownService('streaming');
let openai: OpenAI;
beforeAll(() => void (openai = openaiAt(service.url)));

type Params = Omit<OpenAI.Images.ImageGenerateParamsStreaming, 'stream'> & { seed?: number; acceleration?: object };
const generate = (params: Params) => openai.images.generate({ ...params, stream: true } as OpenAI.Images.ImageGenerateParamsStreaming);

async function eventsOf(params: Params): Promise<OpenAI.Images.ImageGenStreamEvent[]> {
  const events: OpenAI.Images.ImageGenStreamEvent[] = [];
  for await (const event of await generate(params)) events.push(event);
  return events;
}

describe('the official openai client', () => {
  it('is streamed partial pictures, and then the picture that it would get at once', async () => {
    await service.worker();
    const params = { prompt: 'slice of pizza', seed: 7 };
    const events = await eventsOf({ ...params, partial_images: 3, acceleration: { steps: 16, budget: 4 } });
    const partials = events.filter((event) => event.type === 'image_generation.partial_image');
    const completed = events.filter((event) => event.type === 'image_generation.completed');
    expect([partials.length > 0, completed.length, events.at(-1)]).toEqual([true, 1, completed[0]]);
    expect(partials.map((event) => event.partial_image_index)).toEqual(partials.map((_, i) => i));
    for (const event of events) expect(event).toMatchObject({ size: '32x32', quality: 'auto', background: 'transparent', output_format: 'png', created_at: expect.any(Number) });
    for (const { b64_json } of partials) expect(Buffer.from(b64_json, 'base64').toString('latin1', 1, 4)).toBe('PNG');
    const once = await openai.images.generate({ ...params, response_format: 'b64_json', acceleration: { steps: 16, budget: 4 } } as OpenAI.Images.ImageGenerateParamsNonStreaming);
    expect(completed[0]).toMatchObject({ b64_json: once.data![0]!.b64_json, usage: once.usage });
  });

  it('is streamed each of several pictures', async () => {
    await service.worker();
    const events = await eventsOf({ prompt: 'sun', n: 3 });
    expect(events.map(({ type }) => type)).toEqual(Array(3).fill('image_generation.completed'));
    expect(new Set(events.map(({ b64_json }) => b64_json)).size).toBe(3);
  });

  it('throws what is wrong, before the stream and in it', async () => {
    await expect(generate({ prompt: '' })).rejects.toMatchObject({ status: 400, code: 'invalid_request', param: 'prompt' });
    const late = { prompt: 'sun', deadline: 0.1 } as Params;
    await expect(eventsOf(late)).rejects.toMatchObject({ code: 'generation_expired' });
  }, 120_000);

  it('cancels by hanging up', async () => {
    const before = service.gateway.output().length;
    const stream = await generate({ prompt: 'sun' });
    const id = await eventually(() => /gen_[a-z2-7]{32}/.exec(service.gateway.output().slice(before))?.[0], { what: 'the log names the generation' });
    stream.controller.abort();
    await eventually(async () => (await ask(`${service.url}/v1/generations/${id}`)).body.status === 'cancelled', { what: 'it is cancelled' });
  }, 120_000);
});

describe('the asynchronous door', () => {
  it('says where its events are', async () => {
    expectProblem(await ask(`${service.url}/v1/generations`, { json: { prompt: 'sun', stream: true } }), { status: 400, code: 'invalid_request', param: 'stream', says: /\/v1\/generations\/\{id\}\/events/ });
  });
});
