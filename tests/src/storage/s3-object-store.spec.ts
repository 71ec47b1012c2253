import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { S3ObjectStore, type S3ObjectStoreOptions } from '@slipstream/storage';
import { objectStoreSuite } from '@slipstream/storage/testing';
import { eventually, ownS3, type OwnS3 } from '../harness/index.js';

/** A server that is there already, with the SDK's usual variables; TEST_S3_BUCKET (default `slipstream-test`) exists on it. */
const given = process.env['TEST_S3_ENDPOINT'];
const bucket = process.env['TEST_S3_BUCKET'] ?? 'slipstream-test';
const credentials = { accessKeyId: 'test-key', secretAccessKey: 'test-secret' };
const png = { contentType: 'image/png' };

let server: OwnS3 | undefined;
const client = (): S3ObjectStoreOptions['client'] => (given ? { endpoint: given } : { endpoint: server!.endpoint, region: 'us-east-1', credentials });

beforeAll(async () => {
  if (!given) {
    server = await ownS3();
    await server.start();
  }
  await makeBucket();
}, 720_000);
afterAll(() => server?.stop());

/** moto takes it unsigned. */
async function makeBucket(): Promise<void> {
  if (server) expect((await fetch(`${server.endpoint}/${bucket}`, { method: 'PUT' })).status).toBe(200);
}

objectStoreSuite('S3ObjectStore', {
  open: async () => new S3ObjectStore({ bucket, prefix: 'a/prefix', client: client() }),
  ...(given ? {} : { acceptsAlteredUrls: 'moto checks no signatures; TEST_S3_ENDPOINT points at a server that does' }),
});

describe('S3ObjectStore on a real server', () => {
  it('keeps to its prefix', async () => {
    const [inside, root] = [new S3ObjectStore({ bucket, prefix: '/in/side/', client: client() }), new S3ObjectStore({ bucket, prefix: '', client: client() })];
    await inside.put('x/0.png', new Uint8Array([1]), png);
    expect(await root.head('in/side/x/0.png')).toMatchObject({ sizeBytes: 1 });
    await root.delete('in/side/x/0.png');
    expect(await inside.get('x/0.png')).toBeUndefined();
  });

  it('names a missing bucket, which no retry mends', async () => {
    const store = new S3ObjectStore({ bucket: 'slipstream-no-such-bucket', prefix: '', client: client() });
    await expect(store.put('a/0.png', new Uint8Array(1), png)).rejects.toMatchObject({ code: 'storage_denied', retryable: false, message: expect.stringContaining('s3://slipstream-no-such-bucket') });
    await expect(store.check()).rejects.toMatchObject({ code: 'storage_denied' });
  });

  it('has a large object sent for as long as that takes', async () => {
    const timeoutsMs: number[] = [];
    const handle = async (_: unknown, { requestTimeout }: { requestTimeout: number }) => (timeoutsMs.push(requestTimeout), { response: { statusCode: 200, headers: {} } });
    const store = new S3ObjectStore({ bucket, prefix: '', client: { ...client(), requestHandler: { handle } } as NonNullable<S3ObjectStoreOptions['client']> });
    async function* nobodyReads(): AsyncGenerator<Uint8Array> {}
    for (const sizeBytes of [1, 2_000_000_000]) await store.put('a/0.tar', { sizeBytes, open: nobodyReads }, { contentType: 'application/x-tar' });
    expect(timeoutsMs[0]).toBeLessThan(20_000);
    expect(timeoutsMs[1]).toBeGreaterThan(1_000_000);
  });

  it('states the expiry it was given in the URL', async () => {
    const url = new URL(await new S3ObjectStore({ bucket, prefix: 'p', client: client() }).presign('a/0.png', { expiresInSeconds: 90 }));
    expect([url.pathname, url.searchParams.get('X-Amz-Expires')]).toEqual([`/${bucket}/p/a/0.png`, '90']);
    expect(url.href).not.toContain(credentials.secretAccessKey);
  });
});

describe.skipIf(given)('S3ObjectStore while its server is away', () => {
  it('says so, names the remedy, and works again once it is back', async () => {
    const store = new S3ObjectStore({ bucket, prefix: '', client: { ...client(), maxAttempts: 1 } });
    await server!.stop();
    await expect(store.check()).rejects.toMatchObject({ code: 'storage_unavailable', retryable: true, message: expect.stringMatching(/ECONNREFUSED.*AWS_ENDPOINT_URL/s) });
    await server!.start();
    await makeBucket();
    await expect(store.check()).resolves.toBeUndefined();
  });
});

describe('S3ObjectStore before a server that refuses', () => {
  let refusing: Server | undefined;
  afterEach(() => new Promise<void>((resolve) => (refusing ? refusing.close(() => resolve()) : resolve())));

  async function storeAgainst(status: number, code: string): Promise<S3ObjectStore> {
    refusing = createServer((_request, reply) => {
      reply.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
    }).listen(0, '127.0.0.1');
    await eventually(() => refusing!.listening, { what: 'the refusing server listens' });
    const endpoint = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
    return new S3ObjectStore({ bucket, prefix: '', client: { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 } });
  }

  it.each([
    [403, 'AccessDenied', 'storage_denied', false],
    [403, 'InvalidAccessKeyId', 'storage_denied', false],
    [507, 'InsufficientStorage', 'storage_full', true],
    [503, 'SlowDown', 'storage_unavailable', true],
    [500, 'InternalError', 'storage_unavailable', true],
  ])('turns %i %s into %s', async (status, s3Code, code, retryable) => {
    const store = await storeAgainst(status, s3Code);
    await expect(store.put('a/0.png', new Uint8Array(1), png)).rejects.toMatchObject({ code, retryable });
    await store.close();
  });
});
