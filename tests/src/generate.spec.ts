import OpenAI from 'openai';
import type { ImagesResponse } from 'openai/resources/images';
import { readPngText } from '@slipstream/pictures';
import type { Provenance } from '@slipstream/contracts';
import { UrlSigner } from '@slipstream/storage';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, eventually, openaiAt, ownService } from './harness/index.js';

const service = ownService('generate', { withWorker: true });
let openai: OpenAI;
beforeAll(() => void (openai = openaiAt(service.url)));

type Ours = { seed?: number; acceleration?: Record<string, unknown> };
type Answer = ImagesResponse & { slipstream: Provenance; id: string };

/** The official client, with our extensions beside its own parameters. */
async function generate(params: Omit<OpenAI.Images.ImageGenerateParamsNonStreaming, 'size'> & { size?: string } & Ours): Promise<Answer> {
  return (await openai.images.generate(params as OpenAI.Images.ImageGenerateParamsNonStreaming)) as Answer;
}

async function download(url: string | undefined): Promise<{ bytes: Buffer; contentType: string | null }> {
  const response = await fetch(url!);
  expect(response.status).toBe(200);
  return { bytes: Buffer.from(await response.arrayBuffer()), contentType: response.headers.get('content-type') };
}

const inline = ({ data }: ImagesResponse, index = 0): Buffer => Buffer.from(data![index]!.b64_json!, 'base64');
const sizeOf = (png: Buffer) => ({ signature: png.toString('latin1', 1, 4), width: png.readUInt32BE(16), height: png.readUInt32BE(20) });

describe('the official openai client', () => {
  it('gets pictures by url', async () => {
    const answer = await generate({ model: 'tiny', prompt: 'slice of pizza', n: 2, size: '32x32', seed: 7 });
    expect(answer).toMatchObject({ output_format: 'png', size: '32x32', quality: 'auto', background: 'transparent' });
    expect(answer.created).toBeGreaterThan(1_700_000_000);
    expect(answer.usage).toMatchObject({ output_tokens: 32, total_tokens: answer.usage!.input_tokens + 32 });
    expect(answer.data).toHaveLength(2);
    for (const { url } of answer.data!) {
      const { bytes, contentType } = await download(url);
      expect(contentType).toBe('image/png');
      expect(sizeOf(bytes)).toEqual({ signature: 'PNG', width: 32, height: 32 });
    }
  });

  it('gets the same bytes inline as by url, for the same request and seed', async () => {
    const inBody = await generate({ prompt: 'red apple', seed: 11, response_format: 'b64_json' });
    const byUrl = await generate({ prompt: 'red apple', seed: 11 });
    expect(inline(inBody).equals((await download(byUrl.data![0]!.url)).bytes)).toBe(true);
    const other = await generate({ prompt: 'red apple', seed: 12, response_format: 'b64_json' });
    expect(inline(other).equals(inline(inBody))).toBe(false);
  });

  it('is told the seed that was drawn, which gives the same picture again', async () => {
    const first = await generate({ prompt: 'cat', response_format: 'b64_json' });
    const again = await generate({ prompt: 'cat', response_format: 'b64_json', seed: first.slipstream.seed });
    expect(inline(again).equals(inline(first))).toBe(true);
  });

  it('gets as picture i of n the one that seed + i gives alone', async () => {
    const three = await generate({ prompt: 'dog', n: 3, seed: 20, response_format: 'b64_json' });
    const alone = await generate({ prompt: 'dog', seed: 22, response_format: 'b64_json' });
    expect(inline(three, 2).equals(inline(alone))).toBe(true);
  });

  it('reads how a picture was made, in the answer and in the PNG', async () => {
    const answer = await generate({ prompt: 'sun', seed: 3, response_format: 'b64_json', acceleration: { steps: 8, budget: 3 } });
    expect(answer.slipstream).toMatchObject({ bundle: expect.stringMatching(/^[0-9a-f]{64}$/), seed: 3, strategy: 'shortcut', steps: 8, full_steps: 3, shortcut_steps: 5, partial_steps: 0 });
    expect(answer.slipstream.cache).toMatchObject({ anchors: expect.any(Number), result: expect.stringMatching(/^(hit|miss)$/) });
    expect(answer.slipstream.seconds.engine).toBeGreaterThan(0);
    expect(answer.slipstream.speedup).toMatchObject({ value: expect.any(Number), baseline: expect.stringMatching(/\w+ \w+/), measured: expect.any(Boolean) });
    const { bundle, seed, strategy, steps, full_steps, shortcut_steps, partial_steps } = answer.slipstream;
    expect(readPngText(inline(answer))).toMatchObject({ bundle, seed, strategy, steps, full_steps, shortcut_steps, partial_steps, placement: 'steps', prompt: 'sun' });
  });

  it.each([
    ['high', { strategy: 'vanilla', full_steps: 8, shortcut_steps: 0 }],
    ['standard', { strategy: 'shortcut', full_steps: 3, shortcut_steps: 5 }],
    ['low', { strategy: 'shortcut', full_steps: 2, shortcut_steps: 6 }],
  ] as const)('chooses the speed by quality %s', async (quality, made) => {
    expect((await generate({ prompt: 'sun', quality })).slipstream).toMatchObject(made);
  });

  it.each([
    ['jpeg', /^\xff\xd8\xff/],
    ['webp', /^RIFF....WEBP/s],
  ] as const)('gets %s', async (output_format, magic) => {
    const answer = await generate({ prompt: 'star', output_format });
    const { bytes, contentType } = await download(answer.data![0]!.url);
    expect(contentType).toBe(`image/${output_format}`);
    expect(bytes.toString('latin1', 0, 12)).toMatch(magic);
  });

  it('lists the model with its limits and defaults', async () => {
    const [model] = (await openai.models.list()).data;
    expect(model).toMatchObject({ id: 'tiny', object: 'model', owned_by: 'slipstream', slipstream: { limits: { size: ['32x32'], steps: { max: 16 } }, defaults: { steps: 8, budget: 3 } } });
    expect(await openai.models.retrieve('tiny')).toEqual(model);
  });

  it('throws its own errors, with field and code', async () => {
    await expect(generate({ prompt: 'sun', n: 11 })).rejects.toMatchObject({ status: 400, code: 'invalid_request', param: 'n', type: 'invalid_request_error' });
    await expect(generate({ prompt: 'sun', model: 'dall-e-3' })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});

describe('the asynchronous route', () => {
  it('accepts at once and can be followed to the pictures', async () => {
    const accepted = await ask(`${service.url}/v1/generations`, { json: { prompt: 'moon', n: 2, seed: 5, response_format: 'b64_json' } });
    expect(accepted.status).toBe(202);
    const { id, steps } = accepted.body;
    expect(accepted.headers.get('location')).toBe(`/v1/generations/${id}?response_format=b64_json`);
    const seen: { status: string; step: number }[] = [];
    const done = await eventually(
      async () => {
        const { body } = await ask(service.url + accepted.headers.get('location'));
        seen.push(body);
        return body.status === 'completed' && body;
      },
      { what: 'the generation completes', deadlineMs: 60_000 },
    );
    expect(done).toMatchObject({ id, object: 'generation', progress: 100, step: steps, steps, n: 2, seed: 5, prompt: 'moon', error: null });
    expect(done.completed_at).toBeGreaterThanOrEqual(done.created_at);
    expect(done.expires_at).toBe(done.completed_at + 600);
    expect(seen.map(({ step }) => step)).toEqual(seen.map(({ step }) => step).sort((a, b) => a - b));
    const sync = await generate({ prompt: 'moon', n: 2, seed: 5, response_format: 'b64_json' });
    expect(done.data).toEqual(sync.data);
  });

  it('refuses to cancel what has completed', async () => {
    const { id } = await generate({ prompt: 'moon' });
    expectProblem(await ask(`${service.url}/v1/generations/${id}/cancel`, { method: 'POST' }), { status: 409, code: 'generation_settled', says: /completed/ });
  });
});

describe('the url of a picture', () => {
  const key = async (): Promise<{ url: URL; key: string }> => {
    const url = new URL((await generate({ prompt: 'tree' })).data![0]!.url!);
    return { url, key: url.pathname.slice('/v1/'.length) };
  };

  it('is refused when it was tampered with', async () => {
    const { url, key: own } = await key();
    const later = new URL(url);
    later.searchParams.set('expires', String(Number(url.searchParams.get('expires')) + 1));
    const other = url.href.replace('/0.png', '/1.png');
    for (const forged of [later.href, other]) expectProblem(await ask(forged), { status: 403, code: 'picture_link_invalid' });
    expect(own).toMatch(/^pictures\/gen_\w+\/0\.png$/);
  });

  it('is refused when its time is up, and a new one works', async () => {
    const { url, key: own } = await key();
    const past = new UrlSigner(scratchKey(), () => Date.now() - 60_000).sign(own, { expiresInSeconds: 10 });
    expectProblem(await ask(`${url.origin}${url.pathname}?${past}`), { status: 410, code: 'picture_link_expired', says: /GET \/v1\/generations/ });
    const { body } = await ask(`${service.url}/v1/generations/${own.split('/')[1]}`);
    expect((await download(body.data[0].url)).contentType).toBe('image/png');
  });

  it('says so when the picture is gone', async () => {
    const { url } = await key();
    const missing = `pictures/gen_gone/0.png`;
    const query = new UrlSigner(scratchKey()).sign(missing, { expiresInSeconds: 60 });
    expectProblem(await ask(`${url.origin}/v1/${missing}?${query}`), { status: 404, code: 'picture_not_found', says: /same seed/ });
  });

  const scratchKey = (): string => service.env['SIGNING_KEY']!;
});

describe('what an operator sees', () => {
  it('counts requests and shows the bundle', async () => {
    const { body } = await ask(`${service.url}/metrics`);
    expect(body).toMatch(/slipstream_http_requests_total\{route="\/v1\/images\/generations",method="POST",status="200"\} [1-9]/);
    expect(body).toMatch(/slipstream_generations_accepted_total\{mode="sync",strategy="shortcut"\} [1-9]/);
    expect(body).toMatch(/slipstream_bundle_info\{bundle="tiny",digest="[0-9a-f]{64}"\} 1/);
  });

  it('finds request and job ids together in the log', async () => {
    const headers = { 'x-request-id': 'find-me-1' };
    const { body } = await ask(`${service.url}/v1/generations`, { json: { prompt: 'sun' }, headers });
    const both = (output: string): boolean => output.split('\n').some((line) => line.includes('find-me-1') && line.includes(body.id));
    await eventually(() => both(service.gateway.output()) && both(service.resident.output()), { what: 'both servers log the ids' });
  });
});
