import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { samplingKey, type Sampling } from '@slipstream/contracts';
import { qualityScripts } from './quality-scripts.js';
import { openRedis } from './redis.js';

/** What one audit found: a picture held against the same one with every step full. */
const audit = z.object({
  /** Share of its tokens that are the same, 0 to 1. */
  agreement: z.number(),
  /** Its score less that of the full one; without a scorer there is none. */
  scoreDifference: z.number().optional(),
});
export type Audit = z.infer<typeof audit>;

const fallback = z.object({ strategy: z.string(), level: z.int().positive(), reason: z.string() });
/** That something safer is made in place of a setting, and why. */
export type Fallback = z.infer<typeof fallback>;

export interface BoardOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  /** Digest of the bundle: another one starts with an empty board. */
  readonly bundle: string;
  /** How often `fallbacks` is read anew, default 1 s. */
  readonly refreshMs?: number;
}

type Script = (...args: (string | number)[]) => Promise<unknown>;
type Commands = Readonly<Record<keyof typeof qualityScripts, Script>>;

/** Nothing on the board outlives its last change by more. */
const lifeMs = 7 * 86_400_000;

/**
 * What a fleet knows together about the quality of one bundle's settings: their last audits, their fallbacks, and
 * statistics of what was made. Lost with Redis, and then measured again. While Redis is away calls wait for it.
 */
export class QualityBoard {
  readonly #redis: Redis & Commands;
  readonly #root: string;
  readonly #timer: NodeJS.Timeout;
  #fallbacks: ReadonlyMap<string, Fallback> = new Map();
  #reads = 0;

  constructor({ redisUrl, prefix, bundle, refreshMs = 1_000 }: BoardOptions) {
    const redis = openRedis(redisUrl, 'consumer');
    redis.on('error', () => {}); // the queue's own link tells
    for (const [name, script] of Object.entries(qualityScripts)) redis.defineCommand(name, script);
    this.#redis = redis as Redis & Commands;
    this.#root = `${prefix}:quality:${bundle.slice(0, 16)}`;
    this.#timer = setInterval(() => void (this.#reads === 0 && this.refresh()), refreshMs).unref(); // no queue of questions while Redis is away
    void this.refresh();
  }

  /** The fallbacks by `samplingKey`, as they were a second ago at most; after an outage, as before it. */
  get fallbacks(): ReadonlyMap<string, Fallback> {
    return this.#fallbacks;
  }

  /** The fallback that a setting is in. */
  fallbackOf(asked: Sampling): Fallback | undefined {
    return this.#fallbacks.get(samplingKey(asked));
  }

  /** Reads the fallbacks now. Never rejects. */
  async refresh(): Promise<void> {
    this.#reads += 1;
    await this.#read().catch(() => {});
    this.#reads -= 1;
  }

  /**
   * Adds an audit of what is made in place of `asked` at a level, 0 being `asked` itself.
   * @param keep how many of its last audits are kept. @returns those, oldest first, and the fallback that `asked` is in.
   */
  async add(asked: Sampling, level: number, { audit: found, keep }: { audit: Audit; keep: number }): Promise<{ window: Audit[]; fallback: Fallback | undefined }> {
    const key = samplingKey(asked);
    const [now, window] = (await this.#redis.addAudit(this.#key('fallbacks'), this.#window(key, level), key, JSON.stringify(found), keep, lifeMs)) as [string | null, string[]];
    return { window: window.map((text) => audit.parse(JSON.parse(text))), fallback: parsed(now) };
  }

  /** Changes the fallback of a setting and empties its windows. False when another worker was first. */
  async change(asked: Sampling, { from, to }: { from: Fallback | undefined; to: Fallback | undefined }): Promise<boolean> {
    const key = samplingKey(asked);
    const windows = [...new Set([0, from?.level ?? 0, to?.level ?? 0])].map((level) => this.#window(key, level));
    const won = await this.#redis.changeFallback(1 + windows.length, this.#key('fallbacks'), ...windows, key, text(from), text(to), lifeMs);
    await this.refresh();
    return won === 1;
  }

  /** Ends every fallback. */
  async clear(): Promise<void> {
    await this.#redis.del(this.#key('fallbacks'));
    await this.refresh();
  }

  /**
   * Replaces a value that all workers share. `next` is given the present text and makes the new one; it is asked again
   * when another worker was faster, so nothing is overwritten.
   */
  async update(name: string, next: (present: string | undefined) => string): Promise<string> {
    for (;;) {
      const present = await this.#redis.get(this.#key(name));
      const value = next(present ?? undefined);
      if ((await this.#redis.replaceValue(this.#key(name), present ?? '', value, lifeMs)) === 1) return value;
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#redis.disconnect();
  }

  async #read(): Promise<void> {
    const all = await this.#redis.hgetall(this.#key('fallbacks'));
    this.#fallbacks = new Map(Object.entries(all).map(([key, value]) => [key, parsed(value)!]));
  }

  #key(name: string): string {
    return `${this.#root}:${name}`;
  }

  #window(key: string, level: number): string {
    return this.#key(`audits:${createHash('sha256').update(key).digest('hex').slice(0, 32)}:${level}`);
  }
}

const text = (value: Fallback | undefined): string => (value ? JSON.stringify({ strategy: value.strategy, level: value.level, reason: value.reason }) : '');
const parsed = (value: string | null): Fallback | undefined => (value === null ? undefined : fallback.parse(JSON.parse(value)));
