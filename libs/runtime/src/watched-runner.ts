import type { ModelRunner, Row, RunResult, StepPlan } from '@slipstream/sampler';
import { nowMs } from './now.js';
import type { RunningPlan } from './protocol.js';

/** A runner that notes which run is under way and when each row had its first. */
export class WatchedRunner implements ModelRunner {
  private readonly started = new WeakMap<Row, number>();

  constructor(
    private readonly runner: ModelRunner,
    private readonly running: RunningPlan,
  ) {}

  get model(): ModelRunner['model'] {
    return this.runner.model;
  }

  /** Between runs. */
  get idle(): boolean {
    return this.running.read() === undefined;
  }

  async run(plan: StepPlan): Promise<RunResult> {
    for (const row of plan.rows) if (!this.started.has(row)) this.started.set(row, nowMs());
    this.running.note({ kind: plan.kind, rows: plan.rows.length, shape: plan.shape });
    const result = await this.runner.run(plan);
    this.running.note(undefined);
    return result;
  }

  /** When the row's first run began; now, if it had none. */
  startedMs(row: Row): number {
    return this.started.get(row) ?? nowMs();
  }
}
