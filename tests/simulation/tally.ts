import type { Refusal } from '@slipstream/admission';
import { percentile } from '../bench/probe-livez.js';
import type { Job } from './job.js';

/** Waits of a group, in seconds from arrival to the first run. */
export interface Waits {
  readonly jobs: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** One moment of a run, means since the moment before. */
export interface Moment {
  readonly at: number;
  readonly devices: number;
  readonly utilisation: number;
  readonly waiting: number;
  /** 99th percentile of the waits of people’s jobs that started since. */
  readonly peopleWait: number;
  readonly bulkWait: number;
}

/** What is counted while a fleet is simulated. */
export class Tally {
  readonly refused: Record<Refusal, number> = { rate: 0, quota: 0, backlog: 0 };
  /** Requests that came back when they were told to, and how many of them were accepted then. */
  readonly returned = { times: 0, accepted: 0 };
  accepted = 0;
  completedJobs = 0;
  completedPictures = 0;
  gaveUp = 0;
  /** Pictures begun again because their device was lost. */
  begunAgain = 0;
  readonly moments: Moment[] = [];
  readonly #waits = new Map<string, number[]>();
  #recent = { people: [] as number[], bulk: [] as number[] };

  started(job: Job, now: number): void {
    const wait = now - job.arrivedAt;
    for (const group of [job.kind, job.lane]) this.#group(group).push(wait);
    this.#recent[job.kind === 'person' ? 'people' : 'bulk'].push(wait);
  }

  /** Of a kind of tenant, or of a lane. */
  waits(group: 'person' | 'bulk' | 'interactive' | 'batch'): Waits {
    const waits = this.#waits.get(group) ?? [];
    const most = waits.reduce((longest, wait) => Math.max(longest, wait), 0);
    return { jobs: waits.length, mean: waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length), p50: percentile(waits, 0.5) || 0, p99: percentile(waits, 0.99) || 0, most };
  }

  moment(given: Pick<Moment, 'at' | 'devices' | 'utilisation' | 'waiting'>): void {
    const { people, bulk } = this.#recent;
    this.moments.push({ ...given, peopleWait: percentile(people, 0.99) || 0, bulkWait: percentile(bulk, 0.99) || 0 });
    this.#recent = { people: [], bulk: [] };
  }

  #group(name: string): number[] {
    const waits = this.#waits.get(name) ?? [];
    this.#waits.set(name, waits);
    return waits;
  }
}
