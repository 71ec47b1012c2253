import type { Checkpoint } from '@slipstream/contracts';
import type { FirstSteps } from './first-steps.js';
import type { ModelRunner, RunResult } from './model-runner.js';
import { Scheduler, type RunLimits } from './scheduler.js';
import { describePlan, type StepPlan } from './step-plan.js';
import { Trajectory, type TrajectoryRequest } from './trajectory.js';

export interface StepEngineOptions {
  /** Most pictures in the making at once; the others wait in order. */
  readonly capacity: number;
  readonly limits: RunLimits;
  /** Where first steps are found again; by default nowhere. */
  readonly firstSteps?: FirstSteps;
  /** Told of each run after its results are in their rows. Must not throw. */
  readonly onRun?: (plan: StepPlan<Trajectory>, result: RunResult) => void;
}

export interface SubmitOptions {
  readonly signal?: AbortSignal;
  /** Where the picture goes on, left by another engine. */
  readonly from?: Checkpoint | undefined;
}

/** A run failed: the rows' features are lost and the engine is dead. The message names the plan. */
export class PlanCrashed extends Error {
  override readonly name = 'PlanCrashed';
  constructor(
    readonly plan: string,
    cause: unknown,
  ) {
    super(`the ${plan} crashed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

interface Pending {
  readonly resolve: (trajectory: Trajectory) => void;
  readonly reject: (reason: unknown) => void;
  readonly onAbort: () => void;
  readonly signal: AbortSignal | undefined;
}

/** Makes many pictures at once, batching at the level of a single step. Each submit settles exactly once. */
export class StepEngine {
  private readonly scheduler: Scheduler;
  private readonly pending = new Map<Trajectory, Pending>();
  private readonly aborts = new Set<Trajectory>();
  private looping = false;
  private crash: PlanCrashed | undefined;

  constructor(
    private readonly runner: ModelRunner,
    private readonly options: StepEngineOptions,
  ) {
    this.scheduler = new Scheduler(options.capacity, options.limits);
  }

  get rowsInUse(): number {
    return this.scheduler.rowsInUse;
  }

  get waiting(): number {
    return this.scheduler.waiting;
  }

  /**
   * Resolves with the finished trajectory. Rejects with `invalid_request` for a request that does not fit the model, with
   * the signal's reason once the abort has freed the row (at the next step at the latest), with `engine_failed` when its
   * own step went wrong (its mates go on), with PlanCrashed when the engine dies or is dead.
   */
  async submit(request: TrajectoryRequest, { signal, from }: SubmitOptions = {}): Promise<Trajectory> {
    signal?.throwIfAborted();
    if (this.crash) throw this.crash;
    const trajectory = new Trajectory(request, this.runner.model, { firstSteps: this.options.firstSteps, from });
    return new Promise((resolve, reject) => {
      const onAbort = (): void => void this.aborts.add(trajectory);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.pending.set(trajectory, { resolve, reject, onAbort, signal });
      this.scheduler.submit(trajectory);
      this.wake();
    });
  }

  /** Begins the loop at the end of the current turn, so that submits made together start together. */
  private wake(): void {
    if (this.looping) return;
    this.looping = true;
    queueMicrotask(() => void this.loop());
  }

  private async loop(): Promise<void> {
    this.applyAborts();
    for (let plan = this.scheduler.schedule(); plan; plan = this.scheduler.schedule()) {
      try {
        const result = await this.runner.run(plan);
        this.applyAborts();
        const settled = this.scheduler.commit(plan, result);
        this.options.onRun?.(plan, result);
        for (const trajectory of settled) this.finish(trajectory);
      } catch (cause) {
        return this.die(new PlanCrashed(describePlan(plan), cause));
      }
    }
    this.looping = false;
  }

  private finish(trajectory: Trajectory): void {
    const pending = this.settle(trajectory);
    if (trajectory.failure === undefined) pending?.resolve(trajectory);
    else pending?.reject(trajectory.failure);
  }

  private applyAborts(): void {
    for (const trajectory of this.aborts) {
      this.scheduler.abort(trajectory);
      const aborted = this.settle(trajectory);
      aborted?.reject(aborted.signal?.reason);
    }
    this.aborts.clear();
  }

  /** The pending submit of a trajectory, which is no longer pending: whoever asks settles it. */
  private settle(trajectory: Trajectory): Pending | undefined {
    const pending = this.pending.get(trajectory);
    this.pending.delete(trajectory);
    pending?.signal?.removeEventListener('abort', pending.onAbort);
    return pending;
  }

  private die(crash: PlanCrashed): void {
    this.crash = crash;
    for (const trajectory of [...this.pending.keys()]) {
      this.scheduler.abort(trajectory);
      this.settle(trajectory)?.reject(crash);
    }
  }
}
