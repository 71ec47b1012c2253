import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Claim, FrameStore } from '@slipstream/trajectories';
import { frameScripts } from './frame-scripts.js';
import { openRedis } from './redis.js';

export interface RedisFrameStoreOptions {
  /** A Redis of its own, which may forget: `maxmemory` set, `maxmemory-policy allkeys-lfu`. Never the queue's. */
  readonly redisUrl: string;
  readonly prefix: string;
  /** Every call that takes longer has failed. */
  readonly timeoutMs: number;
  /** Nothing is kept for longer. */
  readonly ttlSeconds: number;
  /** Told at every connection what keeps this Redis from being a good cache, in words. */
  readonly onFault?: (fault: string) => void;
}

type Commands = {
  claimFrameBuffer(frame: string, claim: string, owner: string, leaseMs: number): Promise<[Buffer | null, number | null]>;
  releaseFrame(claim: string, owner: string): Promise<number>;
};

/** Frames in a Redis for caches. While it is away every call rejects at once. */
export class RedisFrameStore implements FrameStore {
  readonly tier = 'redis';
  readonly #redis: Redis & Commands;
  readonly #owner = randomUUID();

  /** Opens the connection and goes on trying for as long as it takes. */
  constructor(private readonly options: RedisFrameStoreOptions) {
    const redis = openRedis(options.redisUrl, 'cache', { commandTimeout: options.timeoutMs });
    redis.on('error', () => {}); // whoever asks is told
    redis.on('ready', () => void this.#fault().then((fault) => fault && options.onFault?.(fault)));
    for (const [name, script] of Object.entries(frameScripts)) redis.defineCommand(name, script);
    this.#redis = redis as unknown as Redis & Commands;
  }

  async claim(key: string, { leaseMs }: { leaseMs: number }): Promise<Claim> {
    const [frame, mine] = await this.#redis.claimFrameBuffer(this.#frame(key), this.#claim(key), this.#owner, leaseMs);
    return frame ?? (mine === 1 ? 'yours' : 'awaited');
  }

  async put(key: string, frame: Uint8Array): Promise<void> {
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    await this.#redis.set(this.#frame(key), bytes, 'EX', this.options.ttlSeconds);
    await this.#redis.releaseFrame(this.#claim(key), this.#owner);
  }

  async release(key: string): Promise<void> {
    await this.#redis.releaseFrame(this.#claim(key), this.#owner);
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  /** Braces keep both keys of an anchor in one slot of a cluster. */
  #frame(key: string): string {
    return `${this.options.prefix}:anchor:{${key}}`;
  }

  #claim(key: string): string {
    return `${this.options.prefix}:claim:{${key}}`;
  }

  /** undefined when nothing does, or when it does not say. */
  async #fault(): Promise<string | undefined> {
    const [, memory] = (await this.#redis.config('GET', 'maxmemory').catch(() => [])) as string[];
    const [, policy] = (await this.#redis.config('GET', 'maxmemory-policy').catch(() => [])) as string[];
    if (memory === '0') return 'has no maxmemory: it will fill its machine; set one';
    return policy === 'noeviction' ? 'has maxmemory-policy noeviction: once it is full nothing new is kept; use allkeys-lfu' : undefined;
  }
}
