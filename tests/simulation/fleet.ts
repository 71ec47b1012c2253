import { FairQueue, jobsAhead, type Limits, type Waiting } from '@slipstream/admission';
import type { Lane } from '@slipstream/contracts';
import { FirstStepTiers } from './caches.js';
import { remembered, type Course } from './course.js';
import { Device } from './device.js';
import { Entrance } from './entrance.js';
import type { Job } from './job.js';
import { Random } from './random.js';
import { Scaling, type ScalingOptions } from './scaling.js';
import { capacity } from './step-costs.js';
import type { Tally } from './tally.js';
import type { Timeline } from './timeline.js';

export interface LossOptions {
  /** Mean seconds between the losses of one device. */
  readonly everySeconds: number;
  /** Until its jobs are taken over. */
  readonly takeOverSeconds: number;
  /** Until there is another in its place. */
  readonly repairSeconds: number;
}

export interface FleetOptions {
  readonly devices: number;
  readonly slowdown: number;
  /** False: first come, first served, as BullMQ alone would do it. */
  readonly fair: boolean;
  readonly charges?: Readonly<Record<Lane, number>>;
  /** Pictures that a worker takes at a time, for each row of its engine. */
  readonly handsPerRow: number;
  readonly limits: Limits;
  /** Prompts whose first step is remembered, by each device and by all together. */
  readonly caches: { readonly own: number; readonly fleet: number };
  readonly losses?: LossOptions;
  readonly scaling?: ScalingOptions;
  readonly seed: number;
}

/** A job in line: its own place, or one line for all. */
interface Line extends Waiting {
  readonly job: Job;
}

/** A client comes back so often when it is told to. */
const mostReturns = 10;

/** Gateways, queue and workers: the real admission, fair queue and scheduler around a simulated Redis. */
export class Fleet {
  readonly tiers: FirstStepTiers<Device>;
  deviceSeconds = 0;
  readonly #devices = new Set<Device>();
  readonly #leaving = new Set<Device>();
  readonly #fair: FairQueue<Line>;
  readonly #entrance: Entrance;
  readonly #random: Random;
  readonly #asking: Device[] = [];
  readonly #ready: Job[] = [];
  #taken = 0;
  #gone = { busySeconds: 0 };
  #countedAt = 0;
  #starting = 0;

  constructor(
    private readonly options: FleetOptions,
    private readonly parts: { timeline: Timeline; tally: Tally; course: Course },
  ) {
    this.tiers = new FirstStepTiers(options.caches);
    this.#fair = new FairQueue(options.charges);
    this.#entrance = new Entrance(options.limits, options.slowdown);
    this.#random = new Random(options.seed + 1);
    for (let each = 0; each < options.devices; each += 1) this.#join();
    if (options.scaling) this.#scale(new Scaling(options.scaling));
  }

  get waiting(): number {
    return this.#fair.size + this.#ready.length;
  }

  get size(): number {
    return this.#devices.size;
  }

  /** Seconds of work that all devices have done. */
  get busySeconds(): number {
    return [...this.#devices].reduce((sum, { busySeconds }) => sum + busySeconds, this.#gone.busySeconds);
  }

  /** Device-seconds up to now, worked or not. */
  count(): number {
    const { now } = this.parts.timeline;
    this.deviceSeconds += (now - this.#countedAt) * this.#devices.size;
    this.#countedAt = now;
    return this.deviceSeconds;
  }

  arrive(job: Job, returns = 0): void {
    const { timeline, tally } = this.parts;
    const { refusal, retryAfterSeconds } = this.#entrance.enter(job, this.#moment);
    if (returns > 0) tally.returned.times += 1;
    if (refusal) {
      tally.refused[refusal] += 1;
      if (returns === mostReturns) tally.gaveUp += 1;
      else timeline.after(retryAfterSeconds, () => this.arrive(job, returns + 1));
      return;
    }
    tally.accepted += 1;
    if (returns > 0) tally.returned.accepted += 1;
    const { id, work, tenant, lane } = job;
    this.#fair.add({ id, work, job, ...(this.options.fair ? { tenant, lane } : { tenant: 'all', lane: 'interactive' }) });
    this.#dispatch();
  }

  get #moment(): { now: number; workers: number } {
    return { now: this.parts.timeline.now, workers: this.#devices.size };
  }

  get #hands(): number {
    return capacity * this.options.handsPerRow;
  }

  /** As the scripts do: as many pictures as there are hands, and one. */
  #dispatch(): void {
    while (this.#taken < this.#hands * (this.#devices.size - this.#leaving.size) + jobsAhead) {
      const next = this.#fair.next();
      if (next === undefined) break;
      this.#taken += next.job.pictures;
      this.#ready.push(next.job);
    }
    this.#assign();
  }

  /** As BullMQ does: the next to whichever worker has been asking the longest. */
  #assign(): void {
    while (this.#ready.length > 0 && this.#asking.length > 0) {
      const device = this.#asking.shift()!;
      if (!device.alive || this.#leaving.has(device)) continue;
      device.take(this.#ready.shift()!);
      if (device.pictures < this.#hands) this.#asking.push(device);
    }
  }

  #join(): void {
    const { timeline, tally, course } = this.parts;
    const device = new Device({
      timeline,
      slowdown: this.options.slowdown,
      courseOf: (self, prompt) => (this.tiers.use(self, prompt) === 'nowhere' ? course : remembered(course)),
      onStart: (job) => {
        job.startedAt = timeline.now;
        tally.started(job, timeline.now);
      },
      onPicture: (self, job) => this.#picture(self, job),
    });
    this.count();
    this.#devices.add(device);
    this.#asking.push(device);
    if (this.options.losses) timeline.after(this.#random.exponential(this.options.losses.everySeconds), () => this.#lose(device));
    this.#dispatch();
  }

  #picture(device: Device, job: Job): void {
    const { tally } = this.parts;
    if (job.left === 0) {
      tally.completedPictures += job.pictures;
      tally.completedJobs += 1;
      this.#taken -= job.pictures;
      this.#entrance.leave(job, this.#moment);
    }
    if (device.pictures === this.#hands - 1) this.#asking.push(device);
    if (this.#leaving.has(device) && device.pictures === 0) this.#remove(device);
    this.#dispatch();
  }

  #remove(device: Device): void {
    this.count();
    device.alive = false;
    this.#devices.delete(device);
    this.#leaving.delete(device);
    this.#gone.busySeconds += device.busySeconds;
  }

  /** Its jobs begin again elsewhere, before those that wait in line: they had their turn. */
  #lose(device: Device): void {
    const { losses } = this.options;
    if (!device.alive || !losses) return;
    this.#remove(device);
    this.parts.timeline.after(losses.takeOverSeconds, () => {
      for (const job of device.jobs) {
        this.parts.tally.begunAgain += job.pictures;
        job.left = job.pictures;
        this.#ready.unshift(job);
      }
      this.#assign();
    });
    if (!this.options.scaling) this.parts.timeline.after(losses.repairSeconds, () => this.#join());
  }

  #scale(scaling: Scaling): void {
    const { pollSeconds, startSeconds } = scaling.options;
    const { timeline } = this.parts;
    const wanted = scaling.wanted({ now: timeline.now, backlogSeconds: this.#entrance.backlogSeconds });
    const staying = this.#devices.size - this.#leaving.size + this.#starting;
    for (let each = staying; each < wanted; each += 1) {
      this.#starting += 1;
      timeline.after(startSeconds, () => ((this.#starting -= 1), this.#join()));
    }
    [...this.#devices].filter((device) => !this.#leaving.has(device)).slice(0, Math.max(0, staying - wanted)).forEach((device) => this.#retire(device));
    timeline.after(pollSeconds, () => this.#scale(scaling));
  }

  #retire(device: Device): void {
    this.#leaving.add(device);
    if (device.pictures === 0) this.#remove(device);
  }
}
