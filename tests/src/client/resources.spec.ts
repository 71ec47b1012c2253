import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SlipstreamClient, type ApiError } from '@slipstream/client';
import { eventually, ownService, startLockedGateway } from '../harness/index.js';
import { openReceiver, type Receiver } from '../webhooks/receiver.js';

const service = ownService('client-resources', { start: startLockedGateway, env: { WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' }, withWorker: true });
let receiver: Receiver;
let client: SlipstreamClient;
beforeAll(async () => {
  receiver = await openReceiver();
  client = new SlipstreamClient({ baseUrl: service.url, apiKey: (await service.gateway.key({ tenant: 'acme' })).key });
});
afterAll(() => receiver?.close());

async function all<T>(members: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const member of members) read.push(member);
  return read;
}
const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => expect.unreachable(), (error: ApiError) => error.code);
const idsOf = (members: readonly { id: string }[]): string[] => members.map(({ id }) => id);
const requests = (...prompts: string[]): Blob => new Blob(prompts.map((prompt, line) => `${JSON.stringify({ custom_id: `line-${line}`, method: 'POST', url: '/v1/images/generations', body: { prompt } })}\n`));

describe('webhooks', () => {
  it('are made, changed, given a new secret and deleted', async () => {
    const made = await client.webhooks.create({ url: `${receiver.url}/in`, description: 'mine' });
    const { secret, ...webhook } = made;
    expect(secret).toMatch(/^whsec_/);
    expect(await client.webhooks.list()).toEqual([webhook]);
    expect(await client.webhooks.update(made.id, { status: 'disabled' })).toEqual({ ...webhook, status: 'disabled' });
    const rotated = await client.webhooks.rotate(made.id);
    expect(rotated.secret).not.toBe(secret);
    expect(await client.webhooks.get(made.id)).toMatchObject({ description: 'mine', status: 'disabled' });
    expect(await client.webhooks.delete(made.id)).toEqual({ id: made.id, object: 'webhook', deleted: true });
    expect(await codeOf(client.webhooks.get(made.id))).toBe('webhook_not_found');
  });

  it('have deliveries, which are read over all pages and sent again', async () => {
    const { id } = await client.webhooks.create({ url: `${receiver.url}/in`, events: ['generation.completed'] });
    for (const seed of [1, 2, 3]) await client.wait((await client.submit({ prompt: 'sun', seed })).id);
    const deliveries = await eventually(async () => {
      const told = await all(client.webhooks.allDeliveries(id, { limit: 1 }));
      return told.length === 3 && told.every(({ status }) => status === 'delivered') && told;
    }, { what: 'three deliveries' });
    expect((await client.webhooks.deliveries(id, { limit: 2 })).has_more).toBe(true);
    expect(await client.webhooks.delivery(id, deliveries[0]!.id)).toEqual(deliveries[0]);
    const before = receiver.received.length;
    expect(await client.webhooks.redeliver(id, deliveries[0]!.id)).toMatchObject({ id: deliveries[0]!.id, event: deliveries[0]!.event });
    await eventually(() => receiver.received.length > before, { what: 'it comes again' });
    await client.webhooks.delete(id);
  }, 60_000);
});

describe('files', () => {
  it('go in as blobs and come back as they were', async () => {
    const text = 'größer\n'.repeat(50_000);
    const file = await client.files.upload(new Blob([text]), { expiresAfterSeconds: 3_600 });
    expect(file).toMatchObject({ filename: 'requests.jsonl', purpose: 'batch', bytes: Buffer.byteLength(text) });
    expect(file.expires_at - file.created_at).toBe(3_600);
    expect(await client.files.get(file.id)).toEqual(file);
    expect(await (await client.files.content(file.id)).text()).toBe(text);
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    expect([await codeOf(client.files.get(file.id)), await codeOf(client.files.content(file.id))]).toEqual(['file_not_found', 'file_not_found']);
  });

  it('are listed over all pages, either way round', async () => {
    const files = [];
    for (const name of ['a', 'b', 'c']) files.push(await client.files.upload(new File(['{}'], name)));
    expect(files.map(({ filename }) => filename)).toEqual(['a', 'b', 'c']);
    expect(idsOf(await all(client.files.listAll({ limit: 2, order: 'asc' })))).toEqual(idsOf(files));
    expect(idsOf(await all(client.files.listAll({ limit: 2 })))).toEqual(idsOf(files).reverse());
    expect((await client.files.list({ purpose: 'batch_output' })).data).toEqual([]);
  });
});

describe('batches', () => {
  it('are made of a file, listed, and read', async () => {
    const file = await client.files.upload(requests('sun', 'moon'), { filename: 'two.jsonl' });
    const { id } = await client.batches.create({ input_file_id: file.id, metadata: { for: 'a test' } });
    const ended = await eventually(async () => {
      const batch = await client.batches.get(id);
      return batch.status === 'completed' && batch;
    }, { what: 'the batch is made', deadlineMs: 60_000 });
    expect(ended).toMatchObject({ request_counts: { total: 2, completed: 2, failed: 0 }, metadata: { for: 'a test' } });
    const output = await (await client.files.content(ended.output_file_id!)).text();
    expect(output.trim().split('\n').map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)).toEqual(['line-0', 'line-1']);
    expect(idsOf((await client.batches.list()).data)).toEqual([id]);
    expect(await codeOf(client.batches.cancel(id))).toBe('batch_settled');
  }, 90_000);
});

describe('data sets', () => {
  it('are made, and their shards downloaded', async () => {
    const { id } = await client.datasets.create({ name: 'cups', prompts: ['red cup', 'blue cup', 'green cup'], shard_size: 1 });
    const done = await eventually(async () => {
      const dataset = await client.datasets.get(id);
      return dataset.status === 'completed' && dataset;
    }, { what: 'the data set is made', deadlineMs: 90_000 });
    const shards = await all(client.datasets.allShards(id, { limit: 2 }));
    expect(shards.map(({ number }) => number)).toEqual([0, 1, 2]);
    expect((await client.datasets.shards(id, { limit: 2 })).has_more).toBe(true);
    expect((await client.download(shards[0]!.tar)).byteLength).toBe(shards[0]!.tar.bytes);
    expect(new TextDecoder().decode(await client.download({ url: done.files!.card }))).toContain('cups');
    expect(await codeOf(client.datasets.cancel(id))).toBe('dataset_settled');
  }, 120_000);

  it('are listed over all pages, and cancelled', async () => {
    const ids = [];
    for (const name of ['one', 'two']) ids.unshift((await client.datasets.create({ name, prompts: ['sun'], pictures_per_prompt: 5_000 })).id);
    expect(idsOf(await all(client.datasets.listAll({ limit: 1 }))).slice(0, 2)).toEqual(ids);
    expect(idsOf((await client.datasets.list({ limit: 1 })).data)).toEqual(ids.slice(0, 1));
    for (const id of ids) expect((await client.datasets.cancel(id)).status).toBe('cancelled');
  });
});
