import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3ObjectStore } from '@slipstream/storage';
import { ownRedis, ownS3 } from '../src/harness/index.js';
import type { SpoiltRedis } from './faults.js';
import { randomFrom } from './random.js';
import { S3Proxy } from './s3-proxy.js';
import { mountSmallDisk, type SmallDisk } from './small-disk.js';
import { TcpProxy } from './tcp-proxy.js';

const bucket = 'chaos';
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** All that a run needs around its servers, each part of its own and each with a way to spoil it. */
export interface Scenery {
  readonly folder: string;
  readonly redis: SpoiltRedis;
  /** Bounded, LFU, keeps nothing over a restart. */
  readonly cache: SpoiltRedis;
  readonly s3: { readonly endpoint: string; readonly bucket: string; readonly proxy: S3Proxy };
  /** What lies in the bucket under `storm`, by the straight way. */
  readonly pictures: S3ObjectStore;
  /** The reason in words where this machine lets us mount none. */
  readonly disk: SmallDisk | string;
  dispose(): Promise<void>;
}

export async function openScenery(seed: number): Promise<Scenery> {
  const folder = await mkdtemp(join(tmpdir(), 'slipstream-chaos-'));
  const [redis, cache, s3] = [await spoilt({ appendOnly: true }), await spoilt({ maxMemoryBytes: 16 * 2 ** 20 }), await ownS3()];
  await s3.start();
  await fetch(`${s3.endpoint}/${bucket}`, { method: 'PUT' });
  const proxy = await S3Proxy.before(s3.endpoint, randomFrom(seed));
  const disk = await mountSmallDisk(join(folder, 'disk'));
  const pictures = new S3ObjectStore({ bucket, prefix: 'storm', client: { endpoint: s3.endpoint, region: 'us-east-1', credentials } });
  return {
    folder, redis, cache, s3: { endpoint: s3.endpoint, bucket, proxy }, pictures, disk,
    async dispose() {
      // What goes wrong here must not hide what went wrong before.
      await Promise.allSettled([redis, cache].flatMap(({ server, network }) => [network.close(), server.dispose()]));
      await Promise.allSettled([proxy.close(), s3.stop('SIGKILL'), pictures.close(), typeof disk !== 'string' && disk.dispose()]);
      await rm(folder, { recursive: true, force: true }).catch(() => {});
    },
  };
}

/** The address by which servers reach it. */
export const spoiltUrl = ({ network }: SpoiltRedis): string => `redis://127.0.0.1:${network.port}`;

async function spoilt(options: Parameters<typeof ownRedis>[0]): Promise<SpoiltRedis> {
  const server = await ownRedis(options);
  await server.start();
  return { server, network: await TcpProxy.before(server.port) };
}
