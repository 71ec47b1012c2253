import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { clearKeys } from '../bench/clear-keys.js';
import { root, startServer, type BenchServer } from '../bench/servers.js';
import { unbounded } from '../bench/unbounded.js';
import type { Ending } from './open-loop.js';
import type { LoadOptions } from './options.js';

/** A gateway and a worker as processes, with a queue and a folder of their own. */
export interface Service {
  /** Asks for one picture and waits for it. */
  generate(seed: number): Promise<Ending>;
  /** Resident megabytes of each server now. */
  memory(): Promise<{ readonly gateway: number; readonly worker: number }>;
  stop(): Promise<void>;
}

export async function openService({ bundle, redisUrl, capacity, backlogSeconds }: LoadOptions): Promise<Service> {
  const prefix = `load-${process.pid}`;
  const folder = await mkdtemp(join(tmpdir(), 'slipstream-load-'));
  const env = {
    ...{ ...unbounded, BACKLOG_DEVICE_SECONDS: String(backlogSeconds) },
    ...{ REDIS_URL: redisUrl, QUEUE_PREFIX: prefix, STORAGE_URL: pathToFileURL(join(folder, 'pictures')).href, BUNDLE: resolve(root, bundle) },
    ...{ ENGINE_CAPACITY: String(capacity), ENGINE_THREADS: String(availableParallelism()), AUDIT_SHARE: '0', SCORE_SHARE: '0' },
    ...{ SYNC_LIMIT_SECONDS: '3600', SIGNING_KEY: 'only-for-this-load-test', LOG_LEVEL: 'warn' },
  };
  const servers: BenchServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.allSettled(servers.map((server) => server.stop()));
    await clearKeys(redisUrl, prefix);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    servers.push(await startServer('worker', env));
    servers.push(await startServer('gateway', env));
  } catch (error) {
    await stop();
    throw error;
  }
  const [worker, gateway] = servers as [BenchServer, BenchServer];
  return { generate: (seed) => generate(gateway.url, seed), memory: async () => ({ gateway: await megabytes(gateway.url), worker: await megabytes(worker.url) }), stop };
}

async function generate(url: string, seed: number): Promise<Ending> {
  const answer = await fetch(`${url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'slice of pizza', seed }),
    signal: AbortSignal.timeout(600_000),
  });
  await answer.text();
  if (answer.status === 200) return 'completed';
  return answer.status === 503 || answer.status === 429 ? 'refused' : 'failed';
}

async function megabytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 2 ** 20;
}
