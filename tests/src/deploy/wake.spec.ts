import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ask, eventually, repositoryRoot, scratch, startGateway, startWorker, type RunningServer, type Scratch } from '../harness/index.js';
import { scaledObject, valueAt, type ScaledObject } from './scaled-object.js';

/** What KEDA sees of a real gateway through the triggers of k8s/components/keda. */
describe('a model that sleeps', () => {
  let own: Scratch;
  let gateway: RunningServer;
  let redis: Redis;
  let triggers: ScaledObject['spec']['triggers'];

  beforeAll(async () => {
    triggers = scaledObject.parse(parse(await readFile(join(repositoryRoot, 'k8s/components/keda/scaled-object.yaml'), 'utf8'))).spec.triggers;
    own = await scratch('wake');
    redis = new Redis(own.env['REDIS_URL']!);
    gateway = await startGateway(own.env);
    await gateway.ready();
  }, 120_000);

  afterAll(async () => {
    await gateway?.stop('SIGKILL');
    redis?.disconnect();
    await own?.dispose();
  });

  /** Each trigger's value, what it asks for in workers, and whether any of them wants one at all. */
  async function seen(): Promise<{ values: (number | undefined)[]; workers: number; active: boolean }> {
    const scrape = await (await fetch(`${gateway.url}/metrics`)).text();
    const values = triggers.map(({ metadata }) => valueAt(scrape, metadata.valueLocation));
    const active = triggers.some(({ metadata }, index) => values[index]! > Number(metadata.activationTargetValue));
    const workers = Math.max(...triggers.map(({ metadata }, index) => Math.ceil(values[index]! / Number(metadata.targetValue))));
    return { values, workers, active };
  }

  const enqueue = async (): Promise<void> => {
    expect((await ask(`${gateway.url}/v1/generations`, { json: { prompt: 'pizza', seed: 7 } })).status).toBe(202);
  };

  it('sleeps on while nothing is asked of it', async () => {
    expect(await seen()).toEqual({ values: [0, 0], workers: 0, active: false });
  });

  it('wakes for the first job ever, though no worker has told what a step costs', async () => {
    await enqueue();
    expect(await seen()).toMatchObject({ workers: 1, active: true });
  });

  it('knows its backlog in device-seconds with no worker, once one has been there', async () => {
    const worker = await startWorker(own.env);
    await worker.ready();
    await eventually(async () => !(await seen()).active, { what: 'the first job is done', deadlineMs: 60_000 });
    await eventually(async () => (await redis.exists(`${own.env['QUEUE_PREFIX']}:costs`)) === 1, { what: 'the worker has told its costs' });
    await worker.stop();
    await enqueue();
    const { values: [seconds, jobs], active } = await seen();
    expect({ seconds: seconds! > 0, jobs, active }).toEqual({ seconds: true, jobs: 1, active: true });
  }, 180_000);
});
