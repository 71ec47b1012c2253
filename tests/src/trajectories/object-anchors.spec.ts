import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BundleManifest } from '@slipstream/contracts';
import type { GenerationQueue } from '@slipstream/queue';
import { S3ObjectStore } from '@slipstream/storage';
import { eventually, ownS3, repositoryRoot, scratch, startWorker, type OwnS3, type Scratch } from '../harness/index.js';
import { makeJob } from '../queue/make-job.js';
import { openQueue } from '../worker/open-queue.js';
import { count } from './count.js';

let own: Scratch;
let s3: OwnS3;
let queue: GenerationQueue;
let bucket: S3ObjectStore;
const credentials = { accessKeyId: 'test-key', secretAccessKey: 'test-secret' };

beforeAll(async () => {
  [own, s3] = await Promise.all([scratch('object-anchors'), ownS3()]);
  await s3.start();
  expect((await fetch(`${s3.endpoint}/anchors-test`, { method: 'PUT' })).status).toBe(200); // moto takes it unsigned
  bucket = new S3ObjectStore({ bucket: 'anchors-test', prefix: '', client: { endpoint: s3.endpoint, region: 'us-east-1', credentials } });
  queue = await openQueue(own.env);
}, 720_000);
afterAll(async () => {
  await queue?.close();
  await s3?.stop();
  await own?.dispose();
}, 60_000);

/** What one worker, alone and with an empty memory, does for one picture: its lookups in the bucket, its writes, its full steps. */
async function pictureBy(env: Record<string, string> = {}): Promise<Record<'hit' | 'miss' | 'damaged' | 'written' | 'full', number>> {
  const aws = { AWS_ENDPOINT_URL: s3.endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey };
  const worker = await startWorker({ ...own.env, ...aws, CACHE_STORE: 's3://anchors-test/shared', CACHE_ELEMENT: 'fp16', CACHE_TIMEOUT_SECONDS: '5', ...env });
  try {
    await worker.ready(90_000);
    const job = makeJob({ settings: { prompt: 'pizza' } });
    await queue.enqueue(job);
    expect((await queue.follow(job.id, AbortSignal.timeout(60_000)))?.status).toBe('completed');
    const lookups = (result: string): Promise<number> => count(worker, 'slipstream_anchor_lookups_total', { tier: 'objects', result });
    const [hit, miss, damaged, full] = await Promise.all([lookups('hit'), lookups('miss'), lookups('damaged'), count(worker, 'slipstream_steps_total', { kind: 'full' })]);
    const writes = (): Promise<number> => count(worker, 'slipstream_anchor_writes_total', { tier: 'objects', result: 'written' });
    await eventually(async () => (await writes()) === miss! + damaged!, { what: 'what was not there is written' });
    return { hit: hit!, miss: miss!, damaged: damaged!, written: await writes(), full: full! };
  } finally {
    await worker.stop();
  }
}

const keys = async (): Promise<string[]> => [...(await (await fetch(`${s3.endpoint}/anchors-test?list-type=2`)).text()).matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key!);
const bytesOf = async (key: string): Promise<Buffer> => Buffer.from((await bucket.get(key))!.bytes);

describe('workers with a bucket for anchors, kept as fp16', { timeout: 240_000 }, () => {
  it('find there what one that is gone had computed, at half the size', async () => {
    expect([await pictureBy(), await pictureBy()]).toEqual([{ hit: 0, miss: 2, damaged: 0, written: 2, full: 3 }, { hit: 2, miss: 0, damaged: 0, written: 0, full: 2 }]);
    const { features } = JSON.parse(await readFile(join(repositoryRoot, own.env['BUNDLE']!, 'manifest.json'), 'utf8')) as BundleManifest;
    const sizes = (await Promise.all((await keys()).map(bytesOf))).map(({ length }) => length);
    expect(sizes).toEqual(Array(2).fill(64 + features.positions * features.channels * 2));
  });

  it('take a damaged object for none, tell it, and replace it', async () => {
    const whole = new Map<string, Buffer>();
    for (const key of await keys()) {
      whole.set(key, await bytesOf(key));
      await bucket.put(key, Buffer.from(whole.get(key)!).fill(0xff, 100, 104), { contentType: 'application/octet-stream' });
    }
    expect(whole.size).toBe(2);
    expect(await pictureBy()).toEqual({ hit: 0, miss: 0, damaged: 2, written: 2, full: 3 });
    for (const [key, bytes] of whole) expect(await bytesOf(key)).toEqual(bytes);
  });

  it('share nothing with those that keep fp32', async () => {
    expect(await pictureBy({ CACHE_ELEMENT: 'fp32' })).toMatchObject({ hit: 0, miss: 2, written: 2 });
    expect(await keys()).toHaveLength(4);
  });
});
