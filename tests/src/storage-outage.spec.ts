import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, eventually, freePort, scratch, startGateway, startWorker, type Answer, type RunningServer, type Scratch } from './harness/index.js';

const run = promisify(execFile);

/** For what comes of an outage that outlasts patience. */
const impatient = { STORAGE_PATIENCE_SECONDS: '0' };

let own: Scratch;
let servers: RunningServer[];
let pictures: string;

beforeAll(async () => {
  own = await scratch('storage-outage');
  pictures = join(own.folder, 'pictures');
  servers = await Promise.all([startGateway(own.env), startWorker({ ...own.env, ...impatient })]);
  await Promise.all(servers.map((server) => server.ready(100_000)));
}, 120_000);

afterAll(async () => {
  await Promise.all((servers ?? []).map((server) => server.stop()));
  await own?.dispose();
}, 60_000);

const generate = async (gateway = servers[0]!): Promise<Answer> => ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'pizza' } });

async function expectPicture(): Promise<void> {
  const { status, body } = await generate();
  expect({ status, detail: body.detail }).toEqual({ status: 200, detail: undefined });
  expect((await fetch(body.data[0].url)).status).toBe(200);
}

/** No picture and no part of one, wherever it may have been put. */
async function expectNothingLeft(folder: string): Promise<void> {
  const left = await readdir(folder, { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile() && entry.name !== 'filler').map(({ name }) => name)).toEqual([]);
}

describe('a folder', () => {
  it('that cannot be written fails the generation with its name and the remedy, until it can', async () => {
    await expectPicture();
    await rename(pictures, `${pictures}-away`);
    await writeFile(pictures, 'a file where the folder was');
    const answer = await generate();
    expectProblem(answer, { status: 503, code: 'storage_unavailable', says: /pictures.*STORAGE_URL/s });
    await rm(pictures);
    await expectPicture();
  }, 120_000);

  it('that cannot be written for a moment delays the generation, at the default patience, and no step is made again', async () => {
    const env = { ...own.env, QUEUE_PREFIX: `${own.env['QUEUE_PREFIX']}-patient`, STORAGE_URL: pathToFileURL(join(own.folder, 'for-a-moment')).href };
    const [gateway, worker] = await Promise.all([startGateway(env), startWorker(env)]);
    onTestFinished(async () => void (await Promise.all([gateway.stop(), worker.stop()])));
    await Promise.all([gateway.ready(100_000), worker.ready(100_000)]);
    await rename(join(own.folder, 'for-a-moment'), join(own.folder, 'moved')); // readiness has written to it
    await writeFile(join(own.folder, 'for-a-moment'), 'a file where the folder was');
    const { body: { id } } = await ask(`${gateway.url}/v1/generations`, { json: { prompt: 'pizza' } });
    await eventually(() => worker.output().includes('a picture waits to be stored'), { what: 'the worker waits for its folder' });
    expect((await ask(`${gateway.url}/v1/generations/${id}`)).body.status).toBe('in_progress');
    expect(await (await fetch(`${worker.url}/metrics`)).text()).toMatch(/slipstream_generation_errors_total\{code="storage_unavailable"\} [1-9]/);
    await rm(join(own.folder, 'for-a-moment'));
    await eventually(async () => (await ask(`${gateway.url}/v1/generations/${id}`)).body.status === 'completed', { what: 'the picture is stored' });
    expect(worker.output()).not.toMatch(/"outcome":"retried"|generation taken over/);
  }, 180_000);

  it('on a full disk fails the generation, leaves nothing half-written, and serves once there is room', async () => {
    await rm(pictures, { recursive: true, force: true });
    await mkdir(pictures);
    const refusal = await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', pictures]).then(() => undefined, (error: Error) => error.message);
    if (refusal !== undefined) {
      console.warn(`not tested on a real disk, only in libs/storage: a small one cannot be mounted here (${refusal})`);
      return;
    }
    onTestFinished(async () => void (await run('umount', [pictures])));
    await fill(join(pictures, 'filler'));
    expectProblem(await generate(), { status: 507, code: 'storage_full', says: /no space.*free space/s });
    await expectNothingLeft(pictures);
    await rm(join(pictures, 'filler'));
    await expectPicture();
  }, 120_000);
});

/** Until not one more byte fits. */
async function fill(path: string): Promise<void> {
  for (let size = 4096, flag = 'w'; ; flag = 'a') {
    const full = await writeFile(path, Buffer.alloc(size), { flag }).then(() => false, () => true);
    if (full && size === 1) return;
    if (full) size = 1;
  }
}

describe('a bucket', () => {
  it('that cannot be reached keeps the worker unready and fails the generation, while the gateway serves on', async () => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    const aws = { AWS_ENDPOINT_URL: closed, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };
    const env = { ...own.env, ...impatient, ...aws, QUEUE_PREFIX: `${own.env['QUEUE_PREFIX']}-s3`, STORAGE_URL: 's3://pictures/test' };
    const [gateway, worker] = await Promise.all([startGateway(env), startWorker(env)]);
    onTestFinished(async () => void (await Promise.all([gateway.stop(), worker.stop()])));
    await gateway.ready(100_000);
    const answer = await eventually(async () => {
      const readiness = await ask(`${worker.url}/readyz`);
      return readiness.body.detail?.includes('storage') && readiness;
    }, { what: 'the worker misses its bucket', deadlineMs: 60_000 });
    expectProblem(answer, { status: 503, code: 'not_ready', says: /storage: .*pictures/ });
    expectProblem(await generate(gateway), { status: 503, code: 'storage_unavailable', says: /pictures/ });
    expect((await ask(`${gateway.url}/v1/generations`, { json: { prompt: 'pizza' } })).status).toBe(202);
    expect((await ask(`${worker.url}/livez`)).status).toBe(200);
  }, 180_000);
});
