import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFoundError } from 'openai';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, ownService, startLockedGateway } from '../harness/index.js';
import { BatchClient, line, lines } from './batch-client.js';

const service = ownService('batches', { start: startLockedGateway, withWorker: true });
let client: BatchClient;
beforeAll(async () => void (client = new BatchClient(service.url, (await service.gateway.key({ tenant: 'acme' })).key)));

const partsLeft = async (id: string): Promise<string[]> => readdir(join(service.folder, 'pictures', 'batches', id)).catch(() => []);

describe('a batch', () => {
  it('is made, followed and read by OpenAI’s client', async () => {
    const begun = await client.create([line('one'), line('two', { response_format: 'b64_json', n: 2 }), line('three', { prompt: '' }), line('four', { model: 'nope' }), line('five', { stream: true }), line('six', { seed: 6, lane: 'interactive' })], { metadata: { for: 'a test' } });
    expect(begun).toMatchObject({ object: 'batch', status: 'validating', endpoint: '/v1/images/generations', completion_window: '24h', metadata: { for: 'a test' } });
    expect(begun.expires_at! - begun.created_at).toBe(86_400);
    const ended = await client.ended(begun.id);
    expect(ended).toMatchObject({ status: 'completed', request_counts: { total: 6, completed: 3, failed: 3 } });
    expect(ended.in_progress_at! <= ended.finalizing_at! && ended.finalizing_at! <= ended.completed_at!).toBe(true);
    expect(ended.usage!.total_tokens).toBeGreaterThan(0);
    const output = await client.read(ended.output_file_id);
    expect(output.map(({ custom_id, response, error }) => [custom_id, response?.status_code, error])).toEqual([['one', 200, null], ['two', 200, null], ['six', 200, null]]);
    expect(output[1]!.response!.body.data!.map(({ b64_json }) => Buffer.from(b64_json!, 'base64').toString('latin1', 1, 4))).toEqual(['PNG', 'PNG']);
    expect((await fetch(output[0]!.response!.body.data![0]!.url!)).status).toBe(200);
    const errors = await client.read(ended.error_file_id);
    expect(errors.map(({ custom_id, response }) => [custom_id, response?.status_code, response?.body.error?.param])).toEqual([['three', 400, 'prompt'], ['four', 404, 'model'], ['five', 400, 'stream']]);
    expect(await client.openai.files.retrieve(ended.output_file_id!)).toMatchObject({ purpose: 'batch_output', filename: `${begun.id}_output.jsonl` });
    await expect.poll(() => partsLeft(begun.id)).toEqual([]);
    await expect(client.openai.batches.cancel(begun.id)).rejects.toMatchObject({ status: 409, code: 'batch_settled' });
  }, 120_000);

  it('is one of a list with a cursor, and not there for another tenant', async () => {
    const ids = [await client.create([line('a')]), await client.create([line('a')]), await client.create([line('a')])].map(({ id }) => id).reverse();
    const seen: string[] = [];
    for await (const { id } of client.openai.batches.list({ limit: 2 })) seen.push(id);
    expect(seen.slice(0, 3)).toEqual(ids);
    const stranger = new BatchClient(service.url, (await service.gateway.key({ tenant: 'other' })).key);
    for (const attempt of [stranger.openai.batches.retrieve(ids[0]!), stranger.openai.batches.cancel(ids[0]!)]) await expect(attempt).rejects.toBeInstanceOf(NotFoundError);
    expect((await stranger.openai.batches.list()).data).toEqual([]);
    const { input_file_id } = await client.openai.batches.retrieve(ids[0]!);
    await expect(stranger.openai.batches.create({ input_file_id, endpoint: '/v1/images/generations', completion_window: '24h' })).rejects.toMatchObject({ status: 404, param: 'input_file_id' });
  }, 60_000);

  it('leaves room for those who wait: a picture asked for meanwhile is there before it', async () => {
    const { id } = await client.create(lines(400));
    await client.until(id, ({ request_counts }) => request_counts!.completed > 0);
    await client.openai.images.generate({ prompt: 'red apple' });
    expect((await client.openai.batches.retrieve(id)).status).toBe('in_progress');
    await client.openai.batches.cancel(id);
    const { status, request_counts, output_file_id, error_file_id, cancelling_at, cancelled_at } = await client.ended(id);
    expect([status, request_counts!.total, request_counts!.completed + request_counts!.failed]).toEqual(['cancelled', 400, 400]);
    expect(cancelling_at! <= cancelled_at!).toBe(true);
    const [output, errors] = [await client.read(output_file_id), await client.read(error_file_id)];
    expect([output.length, errors.length]).toEqual([request_counts!.completed, request_counts!.failed]);
    expect(output.length).toBeGreaterThan(0);
    expect(new Set(errors.map(({ error, response }) => `${error?.code} ${response}`))).toEqual(new Set(['batch_cancelled null']));
    expect(new Set([...output, ...errors].map(({ custom_id }) => custom_id)).size).toBe(400);
  }, 180_000);
});

it('may be cancelled with the header of a body that is not there, as OpenAI’s client for Python does', async () => {
  const { id, input_file_id } = await client.create(lines(1_000));
  const headers = { authorization: `Bearer ${client.openai.apiKey}`, 'content-type': 'application/json' };
  expect((await ask(`${service.url}/v1/batches/${id}/cancel`, { method: 'POST', headers })).body).toMatchObject({ id, status: 'cancelling' });
  expect((await ask(`${service.url}/v1/files/${input_file_id}`, { method: 'DELETE', headers })).body).toMatchObject({ deleted: true });
  expect(await client.ended(id)).toMatchObject({ status: 'cancelled' });
}, 60_000);

describe('an input file', () => {
  const failedWith = async (texts: readonly string[]) => {
    const ended = await client.ended((await client.create(texts)).id);
    expect(ended).toMatchObject({ status: 'failed', output_file_id: null, error_file_id: null, request_counts: { total: 0, completed: 0, failed: 0 } });
    return ended.errors!.data!;
  };

  it('whose line 3 of 50,000 is malformed is refused as a whole, by that line and every other one that is wrong', async () => {
    const texts = lines(50_000);
    texts[2] = '{"custom_id": "r-2", "method"';
    texts[49_999] = line('r-0');
    expect(await failedWith(texts)).toEqual([
      { code: 'invalid_json_line', line: 3, message: expect.stringMatching(/JSON/), param: null },
      { code: 'duplicate_custom_id', line: 50_000, message: expect.stringMatching(/line 1\b/), param: 'custom_id' },
    ]);
  }, 120_000);

  it('with the same custom_id twice is refused by the second', async () => {
    expect(await failedWith([...lines(5), line('r-1'), line('r-9')])).toEqual([{ code: 'duplicate_custom_id', line: 6, message: expect.stringMatching(/line 2/), param: 'custom_id' }]);
  });

  it('without requests is refused', async () => {
    expect(await failedWith(['', ' '])).toMatchObject([{ code: 'empty_file', line: null }]);
  });
});

it.each([
  [{ input_file_id: 'file-none' }, 404, 'input_file_id'],
  [{ endpoint: '/v1/chat/completions' }, 400, 'endpoint'],
  [{ completion_window: '1h' }, 400, 'completion_window'],
  [{ metadata: { a: 7 } }, 400, 'metadata.a'],
  [{ output_expires_after: { anchor: 'created_at', seconds: 5 } }, 400, 'output_expires_after.seconds'],
  [{ priority: 1 }, 400, 'priority'],
])('an order with %j is refused with %d', async (fields, status, param) => {
  await expect(client.create([line('a')], fields)).rejects.toMatchObject({ status, param });
});
