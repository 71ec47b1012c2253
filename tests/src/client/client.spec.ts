import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ApiError, GenerationEndedError, SlipstreamClient, type ClientOptions, type GenerationObject } from '@slipstream/client';
import { eventually, ownService, repositoryRoot, startLockedGateway } from '../harness/index.js';

const service = ownService('client', { start: startLockedGateway, withWorker: true });
let client: SlipstreamClient;
beforeAll(async () => void (client = await clientOf()));

async function clientOf(tenant = 'default', options: Partial<ClientOptions> = {}): Promise<SlipstreamClient> {
  const { key } = await service.gateway.key({ tenant });
  return new SlipstreamClient({ baseUrl: service.url, apiKey: key, ...options });
}

const refusal = (promise: Promise<unknown>): Promise<ApiError> => promise.then(() => expect.unreachable(), (error: ApiError) => (expect(error).toBeInstanceOf(ApiError), error));
async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const told: T[] = [];
  for await (const event of events) told.push(event);
  return told;
}
const isPng = (bytes: Uint8Array): boolean => Buffer.from(bytes).toString('latin1', 1, 4) === 'PNG';

describe('the client', () => {
  it('gets pictures by waiting in the request', async () => {
    const made = await client.images({ prompt: 'pizza', seed: 7 });
    if (!('pictures' in made)) return expect.unreachable();
    expect(made.pictures.slipstream).toMatchObject({ seed: 7, strategy: 'shortcut' });
    expect(isPng(await client.download(made.pictures.data[0]!))).toBe(true);
  });

  it('is given the job when its patience ends, and can wait for it', async () => {
    const made = await client.images({ prompt: 'pizza', seed: 8 }, { waitSeconds: 0 });
    if (!('job' in made)) return expect.unreachable();
    expect((await client.wait(made.job.id)).status).toBe('completed');
  });

  it('submits, follows and downloads, the same bytes by address and inline', async () => {
    const seen: GenerationObject[] = [];
    const { id } = await client.submit({ prompt: 'moon', seed: 5, n: 2 });
    const done = await client.wait(id, { onProgress: (generation) => seen.push(generation) });
    expect(done).toMatchObject({ id, status: 'completed', progress: 100, data: [{ url: expect.any(String) }, {}] });
    expect(seen.at(-1)).toEqual(done);
    const inline = await client.get(id, { responseFormat: 'b64_json' });
    for (const [index, picture] of done.data!.entries()) expect(await client.download(inline.data![index]!)).toEqual(await client.download(picture));
  });

  it('follows to the end, and goes on from where it was', async () => {
    const { id } = await client.submit({ prompt: 'moon', seed: 6, partial_images: 2 });
    const told = await all(client.follow(id));
    expect(told.map(({ event }) => event.id)).toEqual(told.map(() => id));
    expect(told.at(-1)).toMatchObject({ event: { type: 'generation.state', status: 'completed' } });
    expect(await all(client.follow(id, { lastEventId: told.at(-1)!.id! }))).toEqual([]);
  });

  it('is streamed what pictures may become, and then each picture', async () => {
    const request = { prompt: 'moon', seed: 9, n: 2, partial_images: 3, acceleration: { steps: 16 } };
    const told = await all(client.stream(request));
    const [partials, completed] = [told.filter(({ type }) => type === 'image_generation.partial_image'), told.filter(({ type }) => type === 'image_generation.completed')];
    expect([partials.length > 0, completed.map(({ index }) => index)]).toEqual([true, [0, 1]]);
    for (const event of told) expect(isPng(await client.download(event))).toBe(true);
    const [id] = new Set(told.map((event) => event.id));
    expect((await client.get(id!, { responseFormat: 'b64_json' })).data).toEqual(completed.map(({ b64_json }) => ({ b64_json })));
  });

  it('throws what is refused of a stream', async () => {
    expect(await refusal(client.stream({ prompt: '' }).next())).toMatchObject({ status: 400, code: 'invalid_request', param: 'prompt' });
  });

  it('lists what its tenant asked for, page by page', async () => {
    const own = await clientOf('lister');
    const ids = [];
    for (const seed of [1, 2, 3]) ids.unshift((await own.submit({ prompt: 'sun', seed })).id);
    const first = await own.list({ limit: 2 });
    expect([first.data.map(({ id }) => id), first.has_more]).toEqual([ids.slice(0, 2), true]);
    expect((await own.list({ limit: 2, after: first.last_id! })).data.map(({ id }) => id)).toEqual(ids.slice(2));
    expect((await own.list({ created_before: 1, status: 'completed' })).data).toEqual([]);
    expect((await all(own.listAll({ limit: 1 }))).map(({ id }) => id)).toEqual(ids);
    expect((await all(own.listAll({ after: ids[0] }))).map(({ id }) => id)).toEqual(ids.slice(1));
  });

  it('lists what can be asked for', async () => {
    const [model] = await client.models();
    expect(model!.slipstream.limits.strategies).toHaveProperty('shortcut');
    expect(await client.model(model!.id)).toEqual(model);
  });

  it('deletes what has ended', async () => {
    const { id } = await client.submit({ prompt: 'pizza' });
    await client.wait(id);
    expect(await client.delete(id)).toEqual({ id, object: 'generation', deleted: true });
    expect(await refusal(client.get(id))).toMatchObject({ status: 404 });
  });

  it('throws the gateway’s errors with field, code and request id', async () => {
    expect(await refusal(client.submit({ prompt: '' }))).toMatchObject({ status: 400, code: 'invalid_request', param: 'prompt', retryable: false, requestId: expect.stringMatching(/\S/), message: expect.stringContaining('prompt must be') });
    expect(await refusal(new SlipstreamClient({ baseUrl: service.url, apiKey: 'nonsense' }).models())).toMatchObject({ status: 401, code: 'invalid_api_key' });
    expect(await refusal(client.get('gen/../x'))).toMatchObject({ status: 404, code: 'generation_not_found' });
  });

  it('of another tenant finds nothing', async () => {
    const { id } = await client.submit({ prompt: 'pizza' });
    const stranger = await clientOf('stranger');
    for (const attempt of [stranger.get, stranger.wait, stranger.cancel]) expect(await refusal(attempt.call(stranger, id))).toMatchObject({ code: 'generation_not_found' });
  });
});

describe('what goes wrong on the way', () => {
  it('makes no second generation: an answer that was lost is asked for again under the same key', async () => {
    const lost: Response[] = [];
    const flaky = await clientOf('flaky', {
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (lost.length > 0) return response;
        lost.push(response);
        throw new TypeError('connection lost');
      },
      pause: async () => {},
    });
    const { id } = await flaky.submit({ prompt: 'pizza' });
    expect(await lost[0]!.json()).toMatchObject({ id });
  });

  it('by the gateway’s own limits is tried again when it says', async () => {
    const limit = (requests_per_minute: number) => service.gateway.admin('/admin/tenants/limited', { method: 'PUT', json: { requests_per_minute } });
    const waits: number[] = [];
    const limited = await clientOf('limited', { pause: async (ms) => {
      waits.push(ms);
      await limit(1_000_000);
    } });
    const impatient = await clientOf('limited', { mostRetrySeconds: 0 });
    await limit(1);
    const first = await eventually(() => limited.submit({ prompt: 'pizza' }), { what: 'the first is accepted' });
    const second = await limited.submit({ prompt: 'pizza' });
    expect(second.id).not.toBe(first.id);
    expect(waits.length).toBeLessThanOrEqual(2);
    for (const ms of waits) expect(ms % 1_000).toBe(0); // Retry-After is in whole seconds
    await limit(1);
    const refused = await eventually(() => impatient.submit({ prompt: 'pizza' }).then(() => undefined, (error: unknown) => error as ApiError), { what: 'the limit holds' });
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited', retryable: true, retryAfterSeconds: expect.any(Number) });
  });
});

describe('a generation that nobody makes', () => {
  beforeAll(async () => void (await service.resident.stop('SIGKILL')), 60_000);

  it('is cancelled, and whoever waits for it is told how it ended', async () => {
    const { id } = await client.submit({ prompt: 'pizza' });
    const waiting = client.wait(id).then(() => undefined, (error: unknown) => error);
    expect((await client.cancel(id)).status).toBe('cancelled');
    const error = await waiting;
    expect(error).toBeInstanceOf(GenerationEndedError);
    expect((error as GenerationEndedError).generation).toMatchObject({ id, status: 'cancelled' });
  });

  it('is followed to its end over a connection that breaks, nothing told twice', async () => {
    const cut = new AbortController();
    const [seen, told, lost]: [(string | null)[], [string | undefined, unknown][], string[]] = [[], [], []];
    const follower = await clientOf('default', { pause: async () => {}, fetch: (input, init) => {
      seen.push(new Headers(init!.headers).get('last-event-id'));
      return fetch(input, seen.length > 1 ? init : { ...init, signal: AbortSignal.any([init!.signal!, cut.signal]) });
    } });
    const { id } = await client.submit({ prompt: 'pizza' });
    for await (const { id: eventId, event } of follower.follow(id, { onLost: ({ name }) => lost.push(name) })) {
      told.push([eventId, 'status' in event && event.status]);
      if (told.length > 1) continue;
      cut.abort();
      await client.cancel(id);
    }
    expect(told.map(([, status]) => status)).toEqual(['queued', 'cancelled']);
    expect({ seen, lost }).toEqual({ seen: [null, told[0]![0]], lost: ['ConnectionError'] });
  });

  it('is streamed again where the stream breaks: the same one, to its end', async () => {
    const cut = new AbortController();
    const [keys, lost]: [(string | null)[], string[]] = [[], []];
    const streamer = await clientOf('streamer', { pause: async () => {}, fetch: (input, init) => {
      keys.push(new Headers(init!.headers).get('idempotency-key'));
      return fetch(input, keys.length > 1 ? init : { ...init, signal: AbortSignal.any([init!.signal!, cut.signal]) });
    } });
    const told = refusal(all(streamer.stream({ prompt: 'pizza' }, { onLost: ({ name }) => lost.push(name) })));
    const waiting = await eventually(async () => (await streamer.list()).data[0], { what: 'it waits' });
    cut.abort();
    await eventually(() => keys.filter((key) => key !== null).length > 1, { what: 'it is asked for again' });
    await streamer.cancel(waiting.id);
    expect(await told).toMatchObject({ status: 409, code: 'generation_cancelled' });
    expect([new Set(keys.filter((key) => key !== null)).size, lost, (await streamer.list()).data.map(({ id }) => id)]).toEqual([1, ['ConnectionError'], [waiting.id]]);
  });

  it('goes on when the one who waits has enough', async () => {
    const { id } = await client.submit({ prompt: 'pizza' });
    const controller = new AbortController();
    await expect(client.wait(id, { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect((await client.get(id)).status).toBe('queued');
  });
});

it('the built client imports nothing: it runs in a browser as it is', async () => {
  const folder = join(repositoryRoot, 'libs/client/dist');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.js') && !name.includes('.spec.'));
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    const imports = [...(await readFile(join(folder, file), 'utf8')).matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map(([, name]) => name);
    expect(imports.filter((name) => !name!.startsWith('./')), file).toEqual([]);
  }
});
