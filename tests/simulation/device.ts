import { Scheduler, type PlanKind, type Trajectory } from '@slipstream/sampler';
import type { Course } from './course.js';
import type { Job } from './job.js';
import { capacity, limits, secondsOf } from './step-costs.js';
import type { Timeline } from './timeline.js';

/** One picture on its course. The scheduler sees of a row what it wants next and whether it is done. */
class SimulatedRow {
  readonly spent = spentAnyhow;
  readonly recalling = undefined;
  #at = 0;

  constructor(
    readonly job: Job,
    private readonly course: Course,
  ) {}

  get kind(): PlanKind {
    return this.course[this.#at]!.kind;
  }

  get shape() {
    return this.course[this.#at]!.shape;
  }

  get settled(): boolean {
    return this.#at === this.course.length;
  }

  take(): void {
    this.#at += 1;
  }
}

/** Nobody asks a simulated row what it cost. */
const spentAnyhow = new Proxy({}, { get: () => ({ runs: 0, seconds: 0 }) }) as Trajectory['spent'];

export interface DeviceOptions {
  readonly timeline: Timeline;
  readonly slowdown: number;
  courseOf(device: Device, prompt: number): Course;
  /** The first row of the job is in a run. */
  onStart(job: Job): void;
  onPicture(device: Device, job: Job): void;
}

/** A worker and its engine: the real scheduler, runs that take as long as they were measured to, and jobs in hand. */
export class Device {
  readonly jobs = new Set<Job>();
  pictures = 0;
  busySeconds = 0;
  alive = true;
  readonly #scheduler = new Scheduler(capacity, limits);
  #running = false;

  constructor(private readonly options: DeviceOptions) {}

  take(job: Job): void {
    this.jobs.add(job);
    this.pictures += job.left;
    for (const prompt of job.prompts) this.#scheduler.submit(new SimulatedRow(job, this.options.courseOf(this, prompt)) as unknown as Trajectory);
    if (!this.#running) this.#run();
  }

  #run(): void {
    this.#scheduler.admit();
    const plan = this.#scheduler.schedule();
    this.#running = plan !== undefined;
    if (plan === undefined) return;
    const rows = plan.rows as unknown as SimulatedRow[];
    for (const { job } of rows) if (job.startedAt === undefined) this.options.onStart(job);
    const seconds = secondsOf(plan.kind, rows.length, this.options.slowdown);
    this.options.timeline.after(seconds, () => {
      if (!this.alive) return;
      this.busySeconds += seconds;
      const done = this.#scheduler.commit(plan, { seconds, rows: [] }) as unknown as SimulatedRow[];
      for (const { job } of done) this.#picture(job);
      this.#run();
    });
  }

  #picture(job: Job): void {
    job.left -= 1;
    this.pictures -= 1;
    if (job.left === 0) this.jobs.delete(job);
    this.options.onPicture(this, job);
  }
}
