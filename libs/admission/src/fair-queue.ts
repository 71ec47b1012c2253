import { lanes, type Lane } from '@slipstream/contracts';
import { FairShares } from './fair-shares.js';
import { laneCharges } from './policy.js';

/** What waits. */
export interface Waiting {
  readonly id: string;
  readonly tenant: string;
  readonly lane: Lane;
  readonly work: number;
}

/**
 * The order in which accepted work starts: fair shares between the lanes, inside a lane fair shares between its tenants,
 * inside a tenant first come, first served. The scripts of libs/queue do the same in Redis, name by name.
 */
export class FairQueue<T extends Waiting = Waiting> {
  readonly #lanes = new FairShares<Lane>();
  readonly #tenants = new Map(lanes.map((lane) => [lane, new FairShares()]));
  readonly #lines = new Map<string, T[]>();
  readonly #waiting = new Set<string>();

  /** `charges`: what a unit of work is charged in each lane. */
  constructor(private readonly charges: Readonly<Record<Lane, number>> = laneCharges) {}

  get size(): number {
    return this.#waiting.size;
  }

  add(item: T): void {
    this.#waiting.add(item.id);
    this.#line(item.lane, item.tenant).push(item);
    this.#tenants.get(item.lane)!.join(item.tenant);
    this.#lanes.join(item.lane);
  }

  /** Takes out what will not be worked on; nobody is charged for it. */
  remove(id: string): boolean {
    return this.#waiting.delete(id);
  }

  /** Takes out what starts next. */
  next(): T | undefined {
    for (let lane = this.#lanes.first(); lane !== undefined; lane = this.#lanes.first()) {
      const tenants = this.#tenants.get(lane)!;
      const tenant = tenants.first();
      if (tenant === undefined) {
        this.#lanes.leave(lane);
        continue;
      }
      const item = this.#head(lane, tenant);
      if (item === undefined) {
        tenants.leave(tenant);
        continue;
      }
      tenants.charge(tenant, item.work);
      this.#lanes.charge(lane, item.work * this.charges[lane]);
      return item;
    }
    return undefined;
  }

  #head(lane: Lane, tenant: string): T | undefined {
    const line = this.#line(lane, tenant);
    for (let item = line.shift(); item !== undefined; item = line.shift()) if (this.#waiting.delete(item.id)) return item;
    this.#lines.delete(`${lane}:${tenant}`);
    return undefined;
  }

  #line(lane: Lane, tenant: string): T[] {
    const name = `${lane}:${tenant}`;
    const line = this.#lines.get(name) ?? [];
    this.#lines.set(name, line);
    return line;
  }
}
