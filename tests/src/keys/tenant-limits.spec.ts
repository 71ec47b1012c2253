import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../harness/expect-problem.js';
import { ask, eventually, scratch, startLockedGateway, startWorker, type Answer, type LockedGateway, type Question, type RunningServer, type Scratch } from '../harness/index.js';

let own: Scratch;
let gateway: LockedGateway;
let worker: RunningServer | undefined;

beforeAll(async () => {
  own = await scratch('tenant-limits');
  gateway = await startLockedGateway({ ...own.env, TENANT_OPEN_BATCHES: '7' });
}, 120_000);
afterAll(async () => {
  await Promise.all([gateway, worker].map((server) => server?.stop('SIGKILL')));
  await own?.dispose();
}, 60_000);

/** A key of a new tenant with these limits. */
async function tenantWith(tenant: string, limits: object): Promise<string> {
  const { key } = await gateway.key({ tenant });
  await gateway.admin(`/admin/tenants/${tenant}`, { method: 'PUT', json: limits });
  return key;
}
/** Anew, until the gateway has heard of the limits. */
const call = (key: string, path: string, question: Question = {}): Promise<Answer> => ask(`${gateway.url}/v1/${path}`, { ...question, headers: { authorization: `Bearer ${key}` } });

async function upload(key: string, text: string, headers: Record<string, string> = {}): Promise<Answer> {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([text]), 'in.jsonl');
  const response = await fetch(`${gateway.url}/v1/files`, { method: 'POST', body: form, headers: { authorization: `Bearer ${key}`, ...headers } });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const stored = async (): Promise<number> => (await readdir(join(own.folder, 'pictures', 'files')).catch(() => [])).length;
const line = JSON.stringify({ custom_id: 'a', method: 'POST', url: '/v1/images/generations', body: { prompt: 'sun' } });
const batchOf = (input_file_id: string): Question => ({ json: { input_file_id, endpoint: '/v1/images/generations', completion_window: '24h' } });

it('are the server’s until others are set, and each may be 0', async () => {
  await gateway.key({ tenant: 'plain' });
  expect((await gateway.admin('/admin/tenants/plain')).body).toMatchObject({ files: 10_000, file_bytes: 107_374_182_400, open_batches: 7, open_datasets: 20 });
  const set = { files: 0, file_bytes: 5_000_000_000, open_batches: 0, open_datasets: 3 };
  expect((await gateway.admin('/admin/tenants/plain', { method: 'PUT', json: set })).body).toMatchObject(set);
  for (const field of Object.keys(set)) expectProblem(await gateway.admin('/admin/tenants/plain', { method: 'PUT', json: { [field]: -1 } }), { status: 400, code: 'invalid_request', param: field });
});

describe('the files of a tenant', () => {
  it('are at most so many, counted anew when one is deleted', async () => {
    const key = await tenantWith('few', { files: 2 });
    const [first] = [await upload(key, '1'), await upload(key, '2')];
    const before = await stored();
    expectProblem(await upload(key, '3'), { status: 409, code: 'files_full', param: 'files', says: /may have 2 files.*delete some, or ask the operator/ });
    expect(await stored()).toBe(before);
    await call(key, `files/${first.body.id}`, { method: 'DELETE' });
    expect([(await upload(key, '4')).status, (await upload(key, '5')).status]).toEqual([200, 409]);
  });

  it('are at most so large together, however many come at once', async () => {
    const key = await tenantWith('small', { file_bytes: 100 });
    const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => upload(key, `${n}`.repeat(40))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409, 409]);
    expectProblem(answers.find(({ status }) => status === 409)!, { status: 409, code: 'files_full', param: 'file_bytes', says: /100 bytes in files/ });
    expect([(await upload(key, 'x'.repeat(20))).status, (await upload(key, 'x')).status]).toEqual([200, 409]);
    for (const { id } of (await call(key, 'files')).body.data) await call(key, `files/${id}`, { method: 'DELETE' });
    expect((await upload(key, 'x'.repeat(100))).status).toBe(200);
  });

  it('that are full do not hide the file that the same key made', async () => {
    const key = await tenantWith('again', { files: 1 });
    const first = await upload(key, '1', { 'idempotency-key': 'one' });
    expect((await upload(key, '1', { 'idempotency-key': 'one' })).body.id).toBe(first.body.id);
    expect((await upload(key, '2', { 'idempotency-key': 'two' })).status).toBe(409);
  });
});

describe('what a tenant has begun', () => {
  it('is at most so many batches, until one ends', async () => {
    const key = await tenantWith('batcher', { open_batches: 1 });
    const { body: file } = await upload(key, line);
    const answers = await Promise.all([1, 2, 3].map(() => call(key, 'batches', batchOf(file.id))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expectProblem(answers.find(({ status }) => status === 409)!, { status: 409, code: 'batches_full', param: 'open_batches', says: /may have 1 unfinished batches.*cancel one/ });
    const { id } = answers.find(({ status }) => status === 200)!.body;
    await call(key, `batches/${id}/cancel`, { method: 'POST' });
    await eventually(async () => (await call(key, 'batches', batchOf(file.id))).status === 200, { what: 'the next is accepted' });
  });

  it('is at most so many data sets, until one ends', async () => {
    const key = await tenantWith('builder', { open_datasets: 1 });
    const create = (): Promise<Answer> => call(key, 'datasets', { json: { prompts: ['sun'] } });
    const answers = await Promise.all([create(), create(), create()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expectProblem(answers.find(({ status }) => status === 409)!, { status: 409, code: 'datasets_full', param: 'open_datasets', says: /cancel one, or ask the operator/ });
    await call(key, `datasets/${answers.find(({ status }) => status === 201)!.body.id}/cancel`, { method: 'POST' });
    expect([(await create()).status, (await create()).status]).toEqual([201, 409]);
  });

  it('has its results, although they are more than its tenant may upload', async () => {
    const key = await tenantWith('full', { files: 1 });
    const { body: file } = await upload(key, line);
    const { body: batch } = await call(key, 'batches', batchOf(file.id));
    worker = await startWorker(own.env);
    await worker.ready(100_000);
    const ended = await eventually(async () => { const { body } = await call(key, `batches/${batch.id}`); return body.status === 'completed' && body; }, { what: 'the batch ends', deadlineMs: 60_000 });
    expect((await call(key, `files/${ended.output_file_id}`)).body).toMatchObject({ purpose: 'batch_output' });
    expect((await upload(key, '2')).body.error).toMatchObject({ code: 'files_full' });
  }, 180_000);
});
