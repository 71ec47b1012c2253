import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, scratch, startGateway, startWorker, type Answer, type RunningServer, type Scratch } from '../harness/index.js';

let own: Scratch;
let gateway: RunningServer;
let worker: RunningServer;

beforeAll(async () => {
  own = await scratch('results');
  [gateway, worker] = await Promise.all([startGateway(own.env), startWorker({ ...own.env, CACHE_RESULTS: 'on' })]);
  await Promise.all([gateway.ready(100_000), worker.ready(100_000)]);
}, 120_000);
afterAll(async () => {
  await Promise.all([gateway?.stop(), worker?.stop()]);
  await own?.dispose();
}, 60_000);

const usual = { prompt: 'red apple', seed: 7, n: 2, response_format: 'b64_json' };
const make = (fields: object = {}): Promise<Answer> => ask(`${gateway.url}/v1/images/generations`, { json: { ...usual, ...fields } });
const pictures = ({ body }: Answer): string[] => body.data.map(({ b64_json }: { b64_json: string }) => b64_json);

describe('the same request again', () => {
  it('is answered with the stored pictures, under links of its own, and says so', async () => {
    const first = await make();
    const again = await make();
    const anew = await make({ cache: 'off' });
    expect([first, again, anew].map(({ body }) => body.slipstream.cache.result)).toEqual(['miss', 'hit', 'off']);
    expect(pictures(again)).toEqual(pictures(first));
    expect(pictures(anew)).toEqual(pictures(first));
    expect(again.body.slipstream).toMatchObject({ full_steps: first.body.slipstream.full_steps, seconds: { engine: 0 } });
    const [one, other] = (await Promise.all([make({ response_format: 'url' }), make({ response_format: 'url' })])).map(({ body }) => new URL(body.data[0].url).pathname);
    expect(one).not.toBe(other);
    expect(await (await fetch(`${worker.url}/metrics`)).text()).toMatch(/slipstream_cache_requests_total\{result="hit"\} 3/);
  });

  it('is made anew when the pictures are gone', async () => {
    const request = { prompt: 'dog', seed: 3 };
    const first = await make(request);
    await rm(fileURLToPath(`${own.env['STORAGE_URL']}/pictures`), { recursive: true });
    const again = await make(request);
    expect(again.body.slipstream.cache.result).toBe('miss');
    expect(pictures(again)).toEqual(pictures(first));
  });

  it('with another format or budget is another', async () => {
    await make();
    for (const change of [{ output_format: 'webp' }, { acceleration: { budget: 1 } }]) expect((await make(change)).body.slipstream.cache.result).toBe('miss');
  });
});
