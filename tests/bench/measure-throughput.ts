import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseGenerationRequest, resolveRequest } from '@slipstream/contracts';
import { spread, type Spread } from '@slipstream/quality';
import { openEngine, type Engine } from '@slipstream/runtime';
import { clearKeys } from './clear-keys.js';
import { unbounded } from './unbounded.js';
import { closedLoop, type Window } from './closed-loop.js';
import type { BenchServiceOptions } from './options.js';
import { percentile, probeLivez } from './probe-livez.js';
import { root, startServer, type BenchServer } from './servers.js';

export interface ThroughputFigure {
  readonly servicePicturesPerSecond: Spread;
  readonly enginePicturesPerSecond: Spread;
  /** Service ÷ engine, round by round. */
  readonly ratio: Spread;
  /** GET /livez of the worker while its engine has more pictures than rows. */
  readonly livezMs: { readonly p50: number; readonly p99: number; readonly max: number; readonly answers: number };
}

const prompt = 'slice of pizza';

/**
 * Pictures a second through gateway, Redis, worker and folder storage, and through the bare engine, in turn under the
 * same settings, capacity, threads and requests in flight. /livez is asked while the service works off what is left.
 */
export async function measureThroughput(
  options: BenchServiceOptions,
  note: (line: string) => void,
): Promise<ThroughputFigure> {
  const prefix = `bench-${process.pid}`;
  const folder = await mkdtemp(join(tmpdir(), 'slipstream-bench-'));
  const env = {
    REDIS_URL: options.redisUrl,
    QUEUE_PREFIX: prefix,
    STORAGE_URL: pathToFileURL(join(folder, 'pictures')).href,
    BUNDLE: resolve(root, options.bundle),
    ENGINE_CAPACITY: String(options.capacity),
    ENGINE_THREADS: String(availableParallelism()),
    SYNC_LIMIT_SECONDS: '3600',
    CACHE_RESULTS: 'off', // rounds ask for the same pictures
    SIGNING_KEY: 'only-for-this-benchmark',
    ...unbounded,
  };
  const engine = await openEngine({ bundleDir: env.BUNDLE, capacity: options.capacity });
  const servers: BenchServer[] = [];
  try {
    servers.push(await startServer('worker', env));
    servers.push(await startServer('gateway', env));
    const [worker, gateway] = servers as [BenchServer, BenchServer];
    return await rounds({ engine, worker, gateway }, options, note);
  } finally {
    await Promise.allSettled([...servers.map((server) => server.stop()), engine.close()]);
    await clearKeys(options.redisUrl, prefix);
    await rm(folder, { recursive: true, force: true });
  }
}

interface Parts {
  readonly engine: Engine;
  readonly worker: BenchServer;
  readonly gateway: BenchServer;
}

async function rounds(
  parts: Parts,
  options: BenchServiceOptions,
  note: (line: string) => void,
): Promise<ThroughputFigure> {
  const bare: number[] = [];
  const service: number[] = [];
  const livezMs: number[] = [];
  const warmUp = { ...options, inFlight: options.capacity, batches: 1 };
  await bareRound(parts.engine, warmUp);
  await serviceRound(parts, warmUp);
  for (let round = 1; round <= options.rounds; round += 1) {
    bare.push(rate(await bareRound(parts.engine, options)));
    const served = await serviceRound(parts, options);
    service.push(rate(served.window));
    livezMs.push(...served.livezMs);
    note(`round ${round}: engine ${bare.at(-1)?.toFixed(2)}, service ${service.at(-1)?.toFixed(2)} pictures/s`);
  }
  return {
    servicePicturesPerSecond: spread(service),
    enginePicturesPerSecond: spread(bare),
    ratio: spread(service.map((value, i) => value / (bare[i] as number))),
    livezMs: {
      p50: percentile(livezMs, 0.5),
      p99: percentile(livezMs, 0.99),
      max: Math.max(...livezMs),
      answers: livezMs.length,
    },
  };
}

const rate = ({ pictures, seconds }: Window): number => pictures / seconds;

const windowOf = ({ inFlight, capacity, batches }: BenchServiceOptions) => ({
  inFlight,
  warmUp: capacity,
  pictures: capacity * batches,
});

async function bareRound(engine: Engine, options: BenchServiceOptions): Promise<Window> {
  const { seed: _each, ...settings } = resolveRequest(parseGenerationRequest({ prompt }), engine.manifest);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const request = async (seed: number): Promise<void> => {
    await engine.submit({ ...settings, seed }, { signal: stop.signal });
  };
  const { window, drained } = await closedLoop(request, windowOf(options));
  stop.abort();
  await drained;
  return window;
}

async function serviceRound({ gateway, worker }: Parts, options: BenchServiceOptions) {
  const request = async (seed: number): Promise<void> => {
    const answer = await fetch(`${gateway.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt, seed }),
      signal: AbortSignal.timeout(300_000),
    });
    const body = await answer.text();
    if (answer.status !== 200) throw new Error(`the gateway answered ${answer.status}: ${body.slice(0, 300)}`);
  };
  const { window, underWay, drained } = await closedLoop(request, windowOf(options));
  const livezMs = await probeLivez(worker.url, () => underWay() >= options.capacity);
  await drained;
  return { window, livezMs };
}
