import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, ownS3, scratch, startLockedGateway, startWorker, type LockedGateway, type OwnS3, type RunningServer, type Scratch } from '../harness/index.js';
import { datasetToEnd, digests } from './command-line.js';
import { cups, cupsInto, DatasetClient } from './dataset-client.js';

let own: Scratch;
let s3: OwnS3;
let gateway: LockedGateway;
let workers: RunningServer[] = [];
let client: DatasetClient;
beforeAll(async () => {
  [own, s3] = await Promise.all([scratch('datasets-s3'), ownS3()]);
  await s3.start();
  expect((await fetch(`${s3.endpoint}/datasets-test`, { method: 'PUT' })).status).toBe(200); // moto takes it unsigned
  const aws = { AWS_ENDPOINT_URL: s3.endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test-key', AWS_SECRET_ACCESS_KEY: 'test-secret' };
  const env = { ...own.env, ...aws, STORAGE_URL: 's3://datasets-test/slipstream' };
  [gateway, ...workers] = await Promise.all([startLockedGateway(env), startWorker(env), startWorker(env)]);
  await Promise.all(workers.map((worker) => worker.ready(100_000)));
  client = new DatasetClient(gateway.url, (await gateway.key({ tenant: 'acme' })).key);
}, 720_000);
afterAll(async () => {
  await Promise.all([gateway, ...workers].map((server) => server?.stop('SIGKILL')));
  await s3?.stop();
  await own?.dispose();
}, 60_000);

it('a fleet makes the very files of the command line in a bucket, although a worker is killed meanwhile', async () => {
  const { body: { id } } = await client.ask('', { json: cups });
  await eventually(async () => (await client.read(id)).shards.done > 0, { what: 'a shard is done' });
  await workers[0]!.stop('SIGKILL');
  expect(await client.until(id, 'completed')).toMatchObject({ shards: { total: 24, done: 24 }, samples: { done: 600 }, error: null });
  await client.download(id, join(own.folder, 'fleet'));
  expect(await datasetToEnd(...cupsInto(join(own.folder, 'alone')))).toMatchObject({ code: 0 });
  const [fleet, alone] = [await digests(join(own.folder, 'fleet')), await digests(join(own.folder, 'alone'))];
  expect(alone).toMatchObject(fleet);
  expect(Object.keys(fleet)).toHaveLength(24 * 3 + 3);
  const left = await (await fetch(`${s3.endpoint}/datasets-test?list-type=2&max-keys=1000`)).text();
  expect(left).toContain(`slipstream/datasets/${id}/files/cups-000023_stats.json`);
  expect(left).not.toContain('_prompts.jsonl'); // the parts went with the last shard
}, 300_000);
