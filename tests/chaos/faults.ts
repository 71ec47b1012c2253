import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnRedis, RunningServer } from '../src/harness/index.js';
import type { Client } from './client.js';
import type { Fleet, Role } from './fleet.js';
import { between, oneOf, whole, type Random } from './random.js';
import type { Job } from './run-jobs.js';
import type { S3Proxy, StoreMood } from './s3-proxy.js';
import type { SmallDisk } from './small-disk.js';
import type { Passage, TcpProxy } from './tcp-proxy.js';

/** A Redis, and the way to it that servers take. */
export interface SpoiltRedis {
  readonly server: OwnRedis;
  readonly network: TcpProxy;
}

/** All that can go wrong, in one place. */
export interface World {
  readonly fleet: Fleet;
  readonly client: Client;
  /** The queue's, and the one for shared anchors. */
  readonly redis: SpoiltRedis;
  readonly cache: SpoiltRedis;
  /** Where the pictures go: a bucket or a folder. */
  readonly store?: S3Proxy;
  readonly disk?: SmallDisk;
  /** Jobs under way. */
  jobs(): readonly Job[];
}

/** Breaks something, and mends it before it resolves. */
export type Fault = (world: World, random: Random) => Promise<void>;

/** Waits for one that answers: one that boots knows no signal yet, and dies of each. */
async function answering({ fleet }: World, role: Role, random: Random): Promise<RunningServer> {
  for (;;) {
    const server = fleet.pick(role, random);
    const alive = server && (await fetch(`${server.url}/livez`, { signal: AbortSignal.timeout(2_000) }).then(() => true, () => false));
    if (alive) return server;
    await sleep(100);
  }
}

/** A poison job may have been quicker. */
function send(server: RunningServer, signal: NodeJS.Signals): void {
  try {
    if (!server.hasExited()) process.kill(server.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const signalled = (role: Role, signal: 'SIGKILL' | 'SIGTERM' | 'SIGUSR2'): Fault => async (world, random) => {
  send(await answering(world, role, random), signal);
};

/** Longer than a lock lasts, at times: then another worker has its jobs when it wakes up. */
const stopped = (role: Role): Fault => async (world, random) => {
  const server = await answering(world, role, random);
  send(server, 'SIGSTOP');
  await sleep(between(random, 500, 18_000));
  send(server, 'SIGCONT');
};

const redisEnds = (which: 'redis' | 'cache', signal: 'SIGTERM' | 'SIGKILL'): Fault => async (world, random) => {
  const { server } = world[which];
  await server.stop(signal);
  await sleep(between(random, 100, 6_000));
  await server.start();
};

const network = (which: 'redis' | 'cache', passage: Passage, mostMs: number): Fault => async (world, random) => {
  const { network } = world[which];
  network.delayMs = between(random, 20, 400);
  network.set(passage);
  await sleep(between(random, 500, mostMs));
  network.set('open');
};

const stranded: Fault = async ({ redis }) => redis.network.strand();

const store = (mood: StoreMood, mostMs = 6_000): Fault => async (world, random) => {
  if (!world.store) return;
  world.store.share = oneOf(random, [0.3, 1]);
  world.store.mood = mood;
  await sleep(between(random, 500, mostMs));
  world.store.mood = 'open';
};

const diskFull: Fault = async ({ disk }, random) => {
  await disk?.fill();
  await sleep(between(random, 500, 6_000));
  await disk?.free();
};

const burstOfCancellations: Fault = async ({ client, jobs }, random) => {
  const most = whole(random, 1, 10);
  const chosen = jobs().filter(({ request }) => !request.poison).slice(0, most);
  for (const job of chosen) job.cancelled = true;
  await Promise.all(chosen.map(({ id }) => client.cancel(id)));
};

/** Where faults happen: one at a time in each, so that those of different places meet. */
export type Place = 'actors' | 'queue' | 'store' | 'cache';
type Faults = Readonly<Record<string, Fault>>;

const ofActors: Faults = {
  'worker SIGKILL': signalled('worker', 'SIGKILL'),
  'worker SIGTERM': signalled('worker', 'SIGTERM'),
  'worker SIGSTOP': stopped('worker'),
  'worker clock jumps': signalled('worker', 'SIGUSR2'),
  'gateway SIGKILL': signalled('gateway', 'SIGKILL'),
  'gateway SIGSTOP': stopped('gateway'),
  'gateway clock jumps': signalled('gateway', 'SIGUSR2'),
  'burst of cancellations': burstOfCancellations,
};
const ofQueue: Faults = {
  'Redis restarted': redisEnds('redis', 'SIGTERM'),
  'Redis crashed': redisEnds('redis', 'SIGKILL'),
  'Redis cut off': network('redis', 'cut', 14_000),
  'Redis slowed': network('redis', 'slow', 8_000),
  'Redis half-open': network('redis', 'silent', 14_000),
  'Redis connections stranded': stranded,
};
const ofBucket: Faults = {
  'store 500': store('error', 30_000),
  'store SlowDown': store('slow_down'),
  'store silent': store('silent'),
  'store reset in an upload': store('reset'),
  'store reset before the answer': store('late'),
};
const ofDisk: Faults = { 'disk full': diskFull };
const ofCache: Faults = {
  'cache Redis gone': redisEnds('cache', 'SIGKILL'),
  'cache Redis cut off': network('cache', 'cut', 8_000),
  'cache Redis slowed': network('cache', 'slow', 8_000),
  'cache Redis half-open': network('cache', 'silent', 8_000),
};

/** What can go wrong in each place of this world. */
export const faultsOf = ({ disk }: Pick<World, 'disk'>): Readonly<Record<Place, Faults>> => ({ actors: ofActors, queue: ofQueue, store: disk ? ofDisk : ofBucket, cache: ofCache });

/** Of any world. */
export const allFaults: readonly string[] = [ofActors, ofQueue, ofBucket, ofDisk, ofCache].flatMap(Object.keys);
