import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, eventually, scratch, startLockedGateway, startWorker, type Answer, type LockedGateway, type Question, type RunningServer, type Scratch } from '../harness/index.js';
import { expectProblem } from '../harness/expect-problem.js';
import { openReceiver } from '../webhooks/receiver.js';
import { datasetToEnd, digests, readBack } from './command-line.js';
import { cups, cupsInto, DatasetClient } from './dataset-client.js';

let own: Scratch;
let gateway: LockedGateway;
let workers: RunningServer[] = [];
let [acme, other] = ['', ''];
let client: DatasetClient;
beforeAll(async () => {
  own = await scratch('datasets');
  [gateway, ...workers] = await Promise.all([startLockedGateway({ ...own.env, WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' }), startWorker(own.env), startWorker(own.env)]);
  await Promise.all(workers.map((worker) => worker.ready(100_000)));
  acme = (await gateway.key({ tenant: 'acme' })).key;
  other = (await gateway.key({ tenant: 'other' })).key;
  client = new DatasetClient(gateway.url, acme);
}, 180_000);
afterAll(async () => {
  await Promise.all([gateway, ...workers].map((server) => server?.stop('SIGKILL')));
  await own?.dispose();
}, 60_000);

const as = (key: string, path: string, question: Question = {}): Promise<Answer> => new DatasetClient(gateway.url, key).ask(path, question);
const read = (id: string): Promise<Answer['body']> => client.read(id);
const until = (id: string, status: string): Promise<Answer['body']> => client.until(id, status);
const shardsOf = (id: string): Promise<Answer['body'][]> => client.shardsOf(id);

/** The id of a file of prompts. */
async function upload(name: string, content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([content]), name);
  const uploaded = await fetch(`${gateway.url}/v1/files`, { method: 'POST', body: form, headers: { authorization: `Bearer ${acme}` } });
  return ((await uploaded.json()) as { id: string }).id;
}

describe('POST /v1/datasets', () => {
  it('has a fleet make the very files that the command line makes, although a worker is killed meanwhile', async () => {
    const created = await as(acme, '', { json: cups });
    expect(created).toMatchObject({ status: 201, body: { object: 'dataset', status: expect.stringMatching(/queued|in_progress/), shards: { total: 24 }, samples: { total: 600 }, files: null } });
    expect(created.body.estimate).toMatchObject({ bytes: null, device_seconds: null, eta: null, unknown: { bytes: expect.stringMatching(/no picture of a data set was made as png/), device_seconds: expect.any(String), eta: expect.any(String) } }); // nothing was measured yet
    const { id } = created.body;
    expect(created.headers.get('location')).toBe(`/v1/datasets/${id}`);
    await eventually(async () => (await read(id)).shards.done > 0, { what: 'a shard is done' });
    await workers[0]!.stop('SIGKILL');
    const completed = await until(id, 'completed');
    expect(completed).toMatchObject({ shards: { total: 24, done: 24 }, samples: { done: 600 }, error: null, estimate: null });
    expect(completed.full_steps_saved).toBeGreaterThan(300); // of 600 first steps
    await client.download(id, join(own.folder, 'fleet'));
    expect(await datasetToEnd('verify', join(own.folder, 'fleet'))).toMatchObject({ code: 0, said: expect.stringContaining('24 shards, every file as the manifest has it') });
    expect(await datasetToEnd(...cupsInto(join(own.folder, 'alone')))).toMatchObject({ code: 0 });
    const [fleet, alone] = [await digests(join(own.folder, 'fleet')), await digests(join(own.folder, 'alone'))];
    expect(alone).toMatchObject(fleet);
    expect(Object.keys(fleet)).toHaveLength(24 * 3 + 3);
    const { samples, rows } = await readBack(join(own.folder, 'fleet'), 'cups');
    expect(rows).toHaveLength(600);
    expect(samples.length).toBe(rows.filter(({ status }) => status === 'success').length);
  }, 300_000);

  it('lets interactive requests go before: one is answered while a data set is made', async () => {
    const { body: { id } } = await as(acme, '', { json: { ...cups, name: 'large', pictures_per_prompt: 2_000, shard_size: 500 } });
    await eventually(async () => (await read(id)).status === 'in_progress', { what: 'it has begun', deadlineMs: 60_000 });
    const { estimate, created_at } = await eventually(async () => {
      const dataset = await read(id);
      return dataset.estimate.eta !== null && dataset;
    }, { what: 'workers have told what steps cost' });
    expect(estimate.eta).toBeGreaterThan(created_at);
    expect(estimate.device_seconds).toBeGreaterThan(1);
    expect(estimate.bytes).toBeGreaterThan(30_000 * 3_000); // pictures, each with its headers
    expect(estimate.unknown).toEqual({});
    const picture = await ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'red apple' }, headers: { authorization: `Bearer ${acme}` } });
    expect(picture.status).toBe(200);
    expect((await read(id)).status).toBe('in_progress');
    expect(await as(acme, `/${id}/cancel`, { method: 'POST' })).toMatchObject({ status: 200, body: { status: 'cancelled', files: null } });
    expectProblem(await as(acme, `/${id}/cancel`, { method: 'POST' }), { status: 409, code: 'dataset_settled' });
    const { shards } = await read(id);
    expect(shards.done).toBeLessThan(shards.total);
    expect((await shardsOf(id)).length).toBe(shards.done);
  }, 180_000);

  it('takes prompts from a file and names the rows that are none', async () => {
    const input_file_id = await upload('prompts.csv', 'prompt,seed\ncup,3\n,\n"cat, grey",\n');
    const { body: { id, prompts } } = await as(acme, '', { json: { input_file_id, pictures_per_prompt: 2 } });
    expect(prompts).toEqual({ count: 3, faulty: 1, faults: [expect.stringMatching(/^row 2: prompt must be/)] });
    expect(await until(id, 'completed')).toMatchObject({ prompts, samples: { total: 6, done: 6 } });
    expect(await shardsOf(id)).toMatchObject([{ number: 0, count: 6, successes: 4, failed: 2, tar: { file: 'dataset-000000.tar' } }]);
    expectProblem(await as(other, '', { json: { input_file_id } }), { status: 404, code: 'file_not_found', param: 'input_file_id' });
  }, 120_000);

  it('names line 3 of 50,000 that is malformed, and goes on with the others', async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => JSON.stringify({ prompt: `cup ${i}` }));
    lines[2] = '{"prompt": "cu';
    const { status, body } = await as(acme, '', { json: { input_file_id: await upload('prompts.jsonl', lines.join('\n')), shard_size: 10_000 } });
    expect([status, body.prompts, body.shards]).toEqual([201, { count: 50_000, faulty: 1, faults: ['row 3: it is not JSON'] }, { total: 5, done: 0 }]);
    expect(await as(acme, `/${body.id}/cancel`, { method: 'POST' })).toMatchObject({ status: 200 });
  }, 60_000);

  it('refuses a file of Parquet that lies, saying how, and serves on', async () => {
    const footer = Buffer.concat([Buffer.from([0x29]), Buffer.alloc(40, 0xf9)]); // lists in lists in lists
    const length = Buffer.from([footer.byteLength, 0, 0, 0]);
    const input_file_id = await upload('prompts.parquet', Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')]));
    expectProblem(await as(acme, '', { json: { input_file_id } }), { status: 400, code: 'invalid_request', param: 'prompts', says: /prompts in prompts\.parquet cannot be read as Parquet: it/ });
    expect((await as(acme, '')).status).toBe(200);
  });

  it('fails with a reason when workers cannot do what it asks for', async () => {
    const { body: { id } } = await as(acme, '', { json: { prompts: ['cup'], min_score: { scorer: 'nobody', value: 1 } } });
    expect(await until(id, 'failed')).toMatchObject({ error: { code: 'configuration_invalid', message: expect.stringContaining('nobody') } });
  }, 60_000);
});

it('a webhook is told how each data set ended, once', async () => {
  const receiver = await openReceiver();
  try {
    const hook = { url: `${receiver.url}/in`, events: ['dataset.completed', 'dataset.failed', 'dataset.cancelled'] };
    const { body: webhook } = await ask(`${gateway.url}/v1/webhooks`, { json: hook, headers: { authorization: `Bearer ${acme}` } });
    const told = async (count: number) => (await eventually(() => receiver.received.length >= count && receiver.received, { what: `${count} events arrive` })).at(-1)!;
    const begin = async (json: object): Promise<string> => (await as(acme, '', { json })).body.id;
    const completed = await begin({ prompts: ['cup'] });
    const { body, headers } = await told(1);
    expect(new Webhook(webhook.secret).verify(body, headers as Record<string, string>)).toMatchObject({ type: 'dataset.completed', data: { id: completed, object: 'dataset', status: 'completed' } });
    expect(await read(completed)).toMatchObject({ status: 'completed', files: { manifest: expect.any(String) } });
    const failed = await begin({ prompts: ['cup'], min_score: { scorer: 'nobody', value: 1 } });
    expect(JSON.parse((await told(2)).body)).toMatchObject({ type: 'dataset.failed', data: { id: failed } });
    const cancelled = await begin({ ...cups, name: 'large', pictures_per_prompt: 2_000, shard_size: 500 });
    for (let times = 0; times < 2; times += 1) await as(acme, `/${cancelled}/cancel`, { method: 'POST' });
    expect(JSON.parse((await told(3)).body)).toMatchObject({ type: 'dataset.cancelled', data: { id: cancelled } });
    expect(receiver.received).toHaveLength(3);
    await ask(`${gateway.url}/v1/webhooks/${webhook.id}`, { method: 'DELETE', headers: { authorization: `Bearer ${acme}` } });
  } finally {
    await receiver.close();
  }
}, 120_000);

describe('a tenant', () => {
  it('sees its own data sets alone, the latest first', async () => {
    const { body: { id } } = await as(acme, '', { json: { prompts: ['cup'] } });
    const list = (await as(acme, '?limit=1')).body;
    expect(list).toMatchObject({ object: 'list', has_more: true, data: [{ id }] });
    expect((await as(acme, `?after=${id}`)).body.data[0].id).not.toBe(id);
    const none = { object: 'list', data: [], has_more: false };
    expect((await as(acme, '?after=ds_gone')).body).toEqual(none);
    expect((await as(other, '')).body).toEqual(none);
    for (const [path, method] of [[`/${id}`, 'GET'], [`/${id}`, 'DELETE'], [`/${id}/shards`, 'GET'], [`/${id}/cancel`, 'POST']] as const) expectProblem(await as(other, path, { method }), { status: 404, code: 'dataset_not_found' });
    await until(id, 'completed');
  }, 60_000);

  it('is told when a data set is forgotten, and deletes it with its files, once it has ended', async () => {
    const { body: { id, expires_at } } = await as(acme, '', { json: { prompts: ['cup'], pictures_per_prompt: 60, shard_size: 20 } });
    expect(expires_at).toBeNull();
    expectProblem(await as(acme, `/${id}`, { method: 'DELETE' }), { status: 409, code: 'dataset_unsettled', says: /cancel it first/ });
    const ended = await until(id, 'completed');
    expect(ended.expires_at - ended.ended_at).toBe(30 * 86_400);
    const stored = async (): Promise<string[]> => readdir(join(own.folder, 'pictures', 'datasets', id, 'files'));
    expect(await stored()).toHaveLength(3 * 3 + 3);
    const [{ tar }] = await shardsOf(id);
    expect((await as(acme, `/${id}`, { method: 'DELETE' })).body).toEqual({ id, object: 'dataset', deleted: true });
    expect(await stored()).toEqual([]);
    expect((await fetch(tar.url)).status).toBe(404);
    for (const method of ['GET', 'DELETE']) expectProblem(await as(acme, `/${id}`, { method }), { status: 404, code: 'dataset_not_found' });
    expect((await as(acme, '')).body.data.map((each: { id: string }) => each.id)).not.toContain(id);
  }, 60_000);

  it('may delete one that was stopped as soon as no worker is at it, and nothing is written afterwards', async () => {
    const { body: { id } } = await as(acme, '', { json: { ...cups, name: 'stopped', pictures_per_prompt: 2_000, shard_size: 500 } });
    await eventually(async () => (await read(id)).status === 'in_progress', { what: 'it has begun', deadlineMs: 60_000 });
    await as(acme, `/${id}/cancel`, { method: 'POST' });
    expectProblem(await as(acme, `/${id}`, { method: 'DELETE' }), { status: 409, code: 'dataset_unsettled', says: /workers may be at it/ });
    await eventually(async () => (await as(acme, `/${id}`, { method: 'DELETE' })).status === 200, { what: 'it is deleted' });
    const { body: next } = await as(acme, '', { json: { prompts: ['cup'] } });
    await until(next.id, 'completed'); // workers have gone on to others
    expect(await readdir(join(own.folder, 'pictures', 'datasets', id, 'files'))).toEqual([]);
  }, 120_000);

  it('cannot alter a link', async () => {
    const [{ id }] = (await as(acme, '?limit=1')).body.data;
    const [{ tar }] = await shardsOf(id);
    expectProblem(await ask(tar.url.replace('.tar?', '.parquet?')), { status: 403, code: 'picture_link_invalid' });
    expectProblem(await ask(`${gateway.url}/v1/datasets/${id}/files/..%2f..%2fsecret?expires=1&signature=x`), { status: 403, code: 'picture_link_invalid' });
    expectProblem(await ask(`${gateway.url}/v1/datasets/${id}`), { status: 401, code: 'api_key_missing' });
  }, 60_000);
});

describe('bad input', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['a name that leaves its folder', { name: '../x', prompts: ['cup'] }, 'name', /1 to 64 lower-case/],
    ['no prompts', {}, 'prompts', /exactly one of/],
    ['two sources', { prompts: ['cup'], template: '{a}', lists: { a: ['x'] } }, 'prompts', /exactly one of/],
    ['prompts that are none', { prompts: ['', '\u0007'] }, 'prompts', /none of the 2 rows/],
    ['a strategy that is none', { prompts: ['cup'], acceleration: { strategy: 'magic' } }, 'acceleration.strategy', /magic/],
    ['too many pictures', { prompts: Array(2_000).fill('cup'), pictures_per_prompt: 10_000 }, 'pictures_per_prompt', /20000000 pictures/],
    ['too many shards', { prompts: Array(2_001).fill('cup'), pictures_per_prompt: 100, shard_size: 10 }, 'shard_size', /20010 shards are more than the 20000/],
    ['a field that is none', { prompts: ['cup'], promts: 1 }, 'promts', /not a field/],
  ])('%s is refused', async (_, json, param, says) => {
    expectProblem(await as(acme, '', { json }), { status: 400, code: 'invalid_request', param, says });
  });
});

it('the links of an answer are of what the answer says', async () => {
  const [{ id }] = (await as(acme, '?limit=1')).body.data;
  for (const { tar } of await shardsOf(id)) {
    const bytes = Buffer.from(await (await fetch(tar.url)).arrayBuffer());
    expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([tar.bytes, tar.sha256]);
  }
}, 30_000);
