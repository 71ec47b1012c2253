import type { Redis } from 'ioredis';
import { z } from 'zod';
import { lanes, type Lane } from '@slipstream/contracts';
import { queueKeys, type QueueKeys } from '../keys.js';
import { RedisLink, type OutageListener } from '../redis.js';
import { fleetScripts, type FleetCommands } from './fleet-scripts.js';

/** What a worker tells of itself, every few seconds. */
const workerState = z.object({
  /** Its own for as long as the process lives; tells nothing of the machine. */
  id: z.string(),
  bundle: z.string(),
  startedAtMs: z.int(),
  capacity: z.int(),
  rowsInUse: z.int(),
  /** Pictures that it has taken and that have no row yet. */
  waiting: z.int(),
  /** Seconds of one row, median of late; 0 before the first. */
  fullSeconds: z.number(),
  shortcutSeconds: z.number(),
});
export type WorkerState = z.infer<typeof workerState>;

/** What was counted since the last time, by names of the teller's own; the board adds them up. */
export type FleetCounts = Readonly<Record<string, number>>;

/** How much is looked back at: an hour by minutes, or a week by hours. */
export type FleetSpan = 'hour' | 'week';

export interface FleetPoint {
  /** When it began. */
  readonly atMs: number;
  readonly counts: FleetCounts;
}

export interface FleetReading {
  readonly workers: readonly WorkerState[];
  /** Generations in the lines, which no worker was offered yet. */
  readonly lanes: Readonly<Record<Lane, number>>;
  /** Without gaps, the oldest first; the last one is not over yet. */
  readonly points: readonly FleetPoint[];
}

/** A worker that was not heard of for so long is gone. */
const workerLifeMs = 15_000;
const rings = { hour: { everyMs: 60_000, points: 60 }, week: { everyMs: 3_600_000, points: 168 } } as const;

export interface FleetBoardOptions extends OutageListener {
  readonly redisUrl: string;
  readonly prefix: string;
  /** For tests. */
  readonly now?: () => number;
}

/** What workers tell of themselves, and sums of it for a week, in the queue Redis; nothing of what is made, nor for whom. */
export class FleetBoard {
  readonly #link: RedisLink;
  readonly #redis: Redis & FleetCommands;
  readonly #keys: QueueKeys;
  readonly #now: () => number;

  constructor({ redisUrl, prefix, now = Date.now, ...listener }: FleetBoardOptions) {
    this.#link = new RedisLink(redisUrl, { role: 'producer', ...listener });
    for (const [name, script] of Object.entries(fleetScripts)) this.#link.redis.defineCommand(name, script);
    this.#redis = this.#link.redis as Redis & FleetCommands;
    this.#keys = queueKeys(prefix);
    this.#now = now;
  }

  /** That this worker is alive, and what it counted. While Redis is away it fails at once, and the counts are the teller's to keep. */
  async report(state: WorkerState, counts: FleetCounts): Promise<void> {
    const { fleetWorkers, fleetPoint, backlog, costs } = this.#keys;
    const points = (['hour', 'week'] as const).map((span) => fleetPoint(span, this.#pointAt(span)));
    const lives = (['hour', 'week'] as const).map((span) => rings[span].everyMs * (rings[span].points + 1));
    await this.#link.ask(() => this.#redis.reportFleet(fleetWorkers, ...points, backlog, costs, state.id, JSON.stringify({ ...state, heardAtMs: this.#now() }), ...lives, ...Object.entries(counts).filter(([, count]) => count !== 0).flat()));
  }

  /** This worker is gone from now on. */
  async leave(id: string): Promise<void> {
    await this.#link.ask(() => this.#redis.hdel(this.#keys.fleetWorkers, id));
  }

  /** @throws SlipstreamError `queue_unavailable` */
  async read(span: FleetSpan): Promise<FleetReading> {
    const [workers, waiting, points] = await this.#link.ask(() => Promise.all([this.#workers(), this.#lanes(), this.#points(span)]));
    return { workers, lanes: waiting, points };
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #workers(): Promise<WorkerState[]> {
    const all = Object.entries(await this.#redis.hgetall(this.#keys.fleetWorkers)).map(([id, text]) => ({ id, ...(JSON.parse(text) as { heardAtMs: number }) }));
    const gone = all.filter(({ heardAtMs }) => heardAtMs < this.#now() - workerLifeMs);
    if (gone.length > 0) await this.#redis.hdel(this.#keys.fleetWorkers, ...gone.map(({ id }) => id));
    return all.filter((worker) => !gone.includes(worker)).map((worker) => workerState.parse(worker)).sort((one, other) => one.startedAtMs - other.startedAtMs || (one.id < other.id ? -1 : 1));
  }

  async #lanes(): Promise<Record<Lane, number>> {
    const counts = await Promise.all(lanes.map((lane) => this.#redis.countLane(this.#keys.lane(lane), this.#keys.line(lane, ''))));
    return Object.fromEntries(lanes.map((lane, index) => [lane, Number(counts[index])])) as Record<Lane, number>;
  }

  async #points(span: FleetSpan): Promise<FleetPoint[]> {
    const { everyMs, points } = rings[span];
    const last = this.#pointAt(span);
    const times = Array.from({ length: points }, (_, index) => last - points + 1 + index);
    const pipeline = this.#redis.pipeline();
    for (const time of times) pipeline.hgetall(this.#keys.fleetPoint(span, time));
    const found = (await pipeline.exec()) ?? [];
    return times.map((time, index) => ({ atMs: time * everyMs, counts: numbersIn((found[index]?.[1] ?? {}) as Record<string, string>) }));
  }

  #pointAt(span: FleetSpan): number {
    return Math.floor(this.#now() / rings[span].everyMs);
  }
}

const numbersIn = (hash: Record<string, string>): FleetCounts => Object.fromEntries(Object.entries(hash).map(([name, text]) => [name, Number(text)]));
