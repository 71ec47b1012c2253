import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnRedis } from '../src/harness/index.js';
import type { Client } from './client.js';
import type { Fleet, Role } from './fleet.js';
import { between, oneOf, whole, type Random } from './random.js';
import type { Job } from './run-jobs.js';
import type { S3Proxy, StoreMood } from './s3-proxy.js';
import type { SmallDisk } from './small-disk.js';
import type { Passage, TcpProxy } from './tcp-proxy.js';

/** All that can go wrong, in one place. */
export interface World {
  readonly fleet: Fleet;
  readonly client: Client;
  readonly redis: OwnRedis;
  readonly network: TcpProxy;
  /** Where the pictures go: a bucket or a folder. */
  readonly store?: S3Proxy;
  readonly disk?: SmallDisk;
  /** Jobs under way. */
  jobs(): readonly Job[];
}

/** Breaks something, and mends it before it resolves. */
export type Fault = (world: World, random: Random) => Promise<void>;

const killed = (role: Role, signal: 'SIGKILL' | 'SIGTERM'): Fault => async ({ fleet }, random) => {
  const server = fleet.pick(role, random);
  if (server) process.kill(server.pid, signal);
};

/** Longer than a lock lasts, at times: then another worker has its jobs when it wakes up. */
const stopped = (role: Role): Fault => async ({ fleet }, random) => {
  const server = fleet.pick(role, random);
  if (!server) return;
  process.kill(server.pid, 'SIGSTOP');
  await sleep(between(random, 500, 18_000));
  if (!server.hasExited()) process.kill(server.pid, 'SIGCONT');
};

const clockJumps = (role: Role): Fault => async ({ fleet }, random) => {
  const server = fleet.pick(role, random);
  if (server && (await server.ready(1).then(() => true, () => false))) process.kill(server.pid, 'SIGUSR2');
};

const redisEnds = (signal: 'SIGTERM' | 'SIGKILL'): Fault => async ({ redis }, random) => {
  await redis.stop(signal);
  await sleep(between(random, 100, 6_000));
  await redis.start();
};

const network = (passage: Passage, mostMs: number): Fault => async (world, random) => {
  world.network.delayMs = between(random, 20, 400);
  world.network.set(passage);
  await sleep(between(random, 500, mostMs));
  world.network.set('open');
};

const stranded: Fault = async (world) => world.network.strand();

const store = (mood: StoreMood): Fault => async (world, random) => {
  if (!world.store) return;
  world.store.share = oneOf(random, [0.3, 1]);
  world.store.mood = mood;
  await sleep(between(random, 500, 6_000));
  world.store.mood = 'open';
};

const diskFull: Fault = async ({ disk }, random) => {
  await disk?.fill();
  await sleep(between(random, 500, 6_000));
  await disk?.free();
};

const burstOfCancellations: Fault = async ({ client, jobs }, random) => {
  const open = jobs().filter(({ request }) => !request.poison);
  const chosen = open.slice(0, whole(random, 1, 10));
  for (const job of chosen) job.cancelled = true;
  await Promise.all(chosen.map(({ id }) => client.cancel(id)));
};

/** Whether a fault can happen there. */
export const isPossible = (name: string, { store, disk }: World): boolean => (name.startsWith('store') ? store !== undefined : name !== 'disk full' || disk !== undefined);

/** What happens to processes, and what happens around them: one of each at a time, so that they meet. */
export const faults: Readonly<Record<'processes' | 'surroundings', Readonly<Record<string, Fault>>>> = {
  processes: {
    'worker SIGKILL': killed('worker', 'SIGKILL'),
    'worker SIGKILL ': killed('worker', 'SIGKILL'), // twice as often
    'gateway SIGKILL': killed('gateway', 'SIGKILL'),
    'worker SIGTERM': killed('worker', 'SIGTERM'),
    'worker SIGSTOP': stopped('worker'),
    'gateway SIGSTOP': stopped('gateway'),
    'worker clock jumps': clockJumps('worker'),
    'gateway clock jumps': clockJumps('gateway'),
  },
  surroundings: {
    'Redis restarted': redisEnds('SIGTERM'),
    'Redis crashed': redisEnds('SIGKILL'),
    'Redis cut off': network('cut', 14_000),
    'Redis slowed': network('slow', 8_000),
    'Redis half-open': network('silent', 14_000),
    'Redis connections stranded': stranded,
    'store 500': store('error'),
    'store SlowDown': store('slow_down'),
    'store silent': store('silent'),
    'store reset in an upload': store('reset'),
    'store reset before the answer': store('late'),
    'disk full': diskFull,
    'burst of cancellations': burstOfCancellations,
  },
};
