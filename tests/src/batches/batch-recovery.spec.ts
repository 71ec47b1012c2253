import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ask, scratch, startGateway, startWorker, type RunningServer, type Scratch } from '../harness/index.js';
import { BatchClient, lines } from './batch-client.js';

let own: Scratch;
let running: RunningServer[];

beforeEach(async () => {
  own = await scratch('batch-recovery');
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop('SIGKILL')));
  await own.dispose();
}, 60_000);

async function gateway(env: object = {}): Promise<RunningServer> {
  const started = await startGateway({ ...own.env, ...env });
  running.push(started);
  await started.ready(100_000);
  return started;
}

async function worker(): Promise<void> {
  const started = await startWorker(own.env);
  running.push(started);
  await started.ready(100_000);
}

/** Ids of all generations that there are. */
async function generations(at: RunningServer): Promise<string[]> {
  const ids: string[] = [];
  for (let page = { has_more: true, last_id: '' }; page.has_more; ) {
    page = (await ask(`${at.url}/v1/generations?limit=100${page.last_id && `&after=${page.last_id}`}`)).body;
    ids.push(...(page as unknown as { data: { id: string }[] }).data.map(({ id }) => id));
  }
  return ids;
}

it('a batch whose gateway is killed is finished by another, every line once', async () => {
  const count = 600;
  const [first] = await Promise.all([gateway(), worker()]);
  const { id } = await new BatchClient(first!.url, 'none').create(lines(count));
  const begun = await new BatchClient(first!.url, 'none').until(id, ({ request_counts }) => request_counts!.completed > 50);
  await first!.stop('SIGKILL');
  expect(begun.request_counts!.completed).toBeLessThan(count);
  const second = await gateway();
  const client = new BatchClient(second.url, 'none');
  expect(await client.ended(id)).toMatchObject({ status: 'completed', request_counts: { total: count, completed: count, failed: 0 }, error_file_id: null });
  const output = await client.read((await client.openai.batches.retrieve(id)).output_file_id);
  expect(output.map(({ custom_id }) => custom_id)).toEqual(lines(count).map((text) => JSON.parse(text).custom_id));
  expect(await generations(second)).toHaveLength(count);
  await expect.poll(() => readdir(join(own.folder, 'pictures', 'batches', id)).catch(() => [])).toEqual([]);
}, 240_000);

it('a batch of two gateways goes on at once where the one that drives it is told to stop', async () => {
  const [first, second] = await Promise.all([gateway(), gateway(), worker()]);
  const client = new BatchClient(second.url, 'none');
  const { id } = await client.create(lines(300));
  await client.until(id, ({ request_counts }) => request_counts!.completed > 0);
  await first.stop('SIGTERM');
  expect(await client.ended(id)).toMatchObject({ status: 'completed', request_counts: { total: 300, completed: 300, failed: 0 } });
  expect(await generations(second)).toHaveLength(300);
}, 240_000);

it('a batch whose time is up keeps what was made', async () => {
  const [only] = await Promise.all([gateway({ BATCH_WINDOW_SECONDS: '4' }), worker()]);
  const client = new BatchClient(only!.url, 'none');
  const ended = await client.ended((await client.create(lines(20_000))).id);
  expect(ended).toMatchObject({ status: 'expired', request_counts: { total: 20_000 }, cancelled_at: null });
  expect(ended.expired_at! >= ended.expires_at!).toBe(true);
  const [output, errors] = [await client.read(ended.output_file_id), await client.read(ended.error_file_id)];
  expect([output.length, errors.length]).toEqual([ended.request_counts!.completed, ended.request_counts!.failed]);
  expect(output.length).toBeGreaterThan(0);
  expect(errors.at(-1)).toMatchObject({ custom_id: 'r-19999', response: null, error: { code: 'batch_expired' } });
  expect(new Set([...output, ...errors].map(({ custom_id }) => custom_id)).size).toBe(20_000);
}, 240_000);

it('a batch whose input is deleted fails and keeps what was made', async () => {
  const [only] = await Promise.all([gateway(), worker()]);
  const client = new BatchClient(only!.url, 'none');
  const { id, input_file_id } = await client.create(lines(9_000, { user: 'x'.repeat(500) }));
  await client.until(id, ({ request_counts }) => request_counts!.completed > 0);
  await client.openai.files.delete(input_file_id);
  const ended = await client.ended(id);
  expect(ended).toMatchObject({ status: 'failed', errors: { data: [{ code: 'file_not_found', line: null, param: 'input_file_id' }] } });
  expect(await client.read(ended.output_file_id)).toHaveLength(ended.request_counts!.completed);
}, 240_000);

it('a gateway deletes files whose time is up', async () => {
  const only = await gateway({ FILE_TTL_SECONDS: '1' });
  const { openai } = new BatchClient(only.url, 'none');
  await openai.files.create({ file: new File(['{}'], 'f.jsonl'), purpose: 'batch' });
  await expect.poll(() => readdir(join(own.folder, 'pictures', 'files')), { timeout: 30_000 }).toEqual([]);
  expect((await openai.files.list()).data).toEqual([]);
}, 120_000);
