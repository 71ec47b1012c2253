// What a full step costs that is computed, remembered, or fetched from a cache Redis: `npm run bench:anchors [-- --bundle … --rounds 60]`.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { BundleManifest } from '@slipstream/contracts';
import { spread } from '@slipstream/quality';
import { RedisFrameStore } from '@slipstream/queue';
import { openEngine, type Engine } from '@slipstream/runtime';
import { FleetAnchors } from '@slipstream/trajectories';
import { eventually, ownRedis } from '../src/harness/index.js';

type Way = 'computed' | 'redis' | 'memory';
const prompts = ['pizza', 'apple', 'dog', 'sun', 'heart', 'bird', 'taco', 'cat'];
/** One branch of one full step: a picture is one anchor and a decode. */
const oneAnchor = { strategy: 'vanilla', steps: 1, budget: 1, guidance: 0, temperature: 1 } as const;

const { bundle, rounds } = parseArgs({ options: { bundle: { type: 'string', default: 'bundles/emoji' }, rounds: { type: 'string', default: '60' } } }).values;
const redis = await ownRedis();
await redis.start();
const store = new RedisFrameStore({ redisUrl: redis.url, prefix: 'bench', timeoutMs: 5_000, ttlSeconds: 600 });
await eventually(() => store.release('0'.repeat(64)).then(() => true), { what: 'the cache Redis answers' });
const engine = await openSharing(bundle);
const decodes: number[] = [];
engine.on(({ kind, seconds }) => void (kind === 'decode' && decodes.push(seconds)));

for (const prompt of prompts) await stepSeconds(prompt, 'computed', 'on');
const seconds: Record<Way, number[]> = { computed: [], redis: [], memory: [] };
for (let round = 0; round < Number(rounds); round++) {
  const prompt = prompts[round % prompts.length]!;
  seconds.computed.push(await stepSeconds(prompt, 'computed'));
  seconds.redis.push(await stepSeconds(prompt, 'redis')); // the memory holds the one before
  seconds.memory.push(await stepSeconds(prompt, 'memory'));
}
for (const way of ['computed', 'redis', 'memory'] as const) tell(`${way}, ms`, seconds[way].map((each) => 1000 * each), 2);
for (const way of ['redis', 'memory'] as const) tell(`computed ÷ ${way}`, seconds.computed.map((each, round) => each / seconds[way][round]!), 1);
await engine.close();
await store.close();
await redis.dispose();

/** An engine whose memory holds one anchor, over the cache Redis. */
async function openSharing(bundleDir: string): Promise<Engine> {
  const { features: { positions, channels } } = JSON.parse(await readFile(join(bundleDir, 'manifest.json'), 'utf8')) as BundleManifest;
  const opened = await openEngine({ bundleDir, capacity: 1, anchors: { memoryBytes: 4 * positions * channels } });
  opened.share(new FleetAnchors({ stores: [store], form: { element: 'fp32', shape: [positions, channels] }, clock: { now: () => performance.now(), pause }, computeSeconds: () => 0 }));
  return opened;
}

/** From the request to the picture, less the decode. */
async function stepSeconds(prompt: string, way: Way, cache: 'on' | 'off' = way === 'computed' ? 'off' : 'on'): Promise<number> {
  const startedMs = performance.now();
  const { remembered } = await engine.submit({ ...oneAnchor, prompt, seed: 1, cache });
  const wall = (performance.now() - startedMs) / 1000;
  if (remembered !== (way === 'computed' ? 0 : 1)) throw new Error(`the first step of ${prompt} was to be ${way}, and ${remembered} branches were recalled`);
  return wall - decodes.pop()!;
}

function tell(what: string, values: readonly number[], digits: number): void {
  const { median, iqr, repetitions } = spread(values);
  process.stdout.write(`${what}: ${median.toFixed(digits)} (IQR ${iqr.toFixed(digits)}, ${repetitions} rounds)\n`);
}
