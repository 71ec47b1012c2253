import { describe, expect, it } from 'vitest';
import { Scheduler, type RunLimits } from './scheduler.js';
import type { StepPlan } from './step-plan.js';
import { FakeModelRunner, TINY_MODEL } from './testing/fake-model-runner.js';
import { Trajectory, type TrajectoryRequest } from './trajectory.js';

const runner = new FakeModelRunner();
const limits: RunLimits = { full: 2, head: 8, shortcut: 8, anchored: 8, tail: 8, partial: 2, student: 2, decode: 8 };

function row(seed: number, changes: Partial<TrajectoryRequest> = {}): Trajectory {
  const usual = { strategy: 'shortcut', steps: 3, budget: 1, guidance: 1, temperature: 1 } as const;
  return new Trajectory({ prompt: new Int32Array(4), seed, ...usual, ...changes }, TINY_MODEL);
}

function schedulerOf(rows: Trajectory[], capacity = 8): Scheduler {
  const scheduler = new Scheduler(capacity, limits);
  rows.forEach((each) => scheduler.submit(each));
  return scheduler;
}

async function advance(scheduler: Scheduler): Promise<string> {
  scheduler.admit();
  const plan: StepPlan<Trajectory> = scheduler.schedule()!;
  scheduler.commit(plan, await runner.run(plan));
  return `${plan.kind} ${plan.rows.map(({ request }) => request.seed).join(',')}`;
}

async function drain(scheduler: Scheduler): Promise<string[]> {
  const runs: string[] = [];
  while (scheduler.rowsInUse + scheduler.waiting > 0) runs.push(await advance(scheduler));
  return runs;
}

describe('the scheduler', () => {
  it('has nothing to do when nobody came', () => {
    expect(schedulerOf([]).schedule()).toBeUndefined();
  });

  it('drains the shortcuts and the decodes of a cohort before the next full run', async () => {
    expect(await drain(schedulerOf([1, 2, 3].map((seed) => row(seed))))).toEqual([
      'full 1,2',
      'shortcut 1,2',
      'shortcut 1,2',
      'decode 1,2',
      'full 3',
      'shortcut 3',
      'shortcut 3',
      'decode 3',
    ]);
  });

  it('serves full steps in turn: who was served last waits longest', async () => {
    const runs = await drain(schedulerOf([1, 2, 3].map((seed) => row(seed, { steps: 2, budget: 2 }))));
    expect(runs.filter((run) => run.startsWith('full'))).toEqual(['full 1,2', 'full 3,1', 'full 2,3']);
  });

  it('lets shortcut rows share a run only when their shapes agree', async () => {
    const scheduler = schedulerOf([row(1, { steps: 8, budget: 1 }), row(2, { steps: 2, budget: 1 })]);
    scheduler.submit(row(3, { steps: 3, budget: 2 }));
    await advance(scheduler);
    await advance(scheduler);
    await advance(scheduler);
    for (let plan = scheduler.schedule(); plan?.kind === 'shortcut'; plan = scheduler.schedule()) {
      for (const { shape } of plan.rows) expect(shape).toEqual(plan.shape);
      scheduler.commit(plan, await runner.run(plan));
    }
  });

  it('lets a waiting row in as soon as one leaves', async () => {
    const scheduler = schedulerOf([1, 2, 3].map((seed) => row(seed, { steps: 1 })), 2);
    expect(await advance(scheduler)).toBe('full 1,2');
    expect(await advance(scheduler)).toBe('decode 1,2');
    expect(await advance(scheduler)).toBe('full 3');
  });

  it('passes an aborted row by when the result of its run arrives, and gives its mates theirs', async () => {
    const [first, second] = [row(1), row(2)];
    const scheduler = schedulerOf([first, second]);
    scheduler.admit();
    const plan = scheduler.schedule()!;
    const result = await runner.run(plan);
    scheduler.abort(first);
    scheduler.commit(plan, result);
    expect([first.step, second.step, scheduler.rowsInUse]).toEqual([0, 1, 1]);
  });

  it('keeps account of runs and seconds, a run shared equally by its rows', async () => {
    const rows = [row(1), row(2)];
    await drain(schedulerOf(rows));
    expect(rows.map(({ spent }) => [spent.full.runs, spent.shortcut.runs, spent.decode.runs])).toEqual([[1, 2, 1], [1, 2, 1]]);
    expect(rows[0]!.spent.full.seconds).toBeCloseTo(0.016);
    expect(rows[0]!.spent.shortcut.seconds).toBeCloseTo(0.002);
  });
});
