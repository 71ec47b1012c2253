import { describe, expect, it } from 'vitest';
import { knobsOf, strategyNames, strategyTable, type StrategyName } from '@slipstream/contracts';
import type { Model, ModelRunner, RowOutput } from '../model-runner.js';
import type { StepPlan } from '../step-plan.js';
import { Trajectory, type TrajectoryRequest } from '../trajectory.js';

/** Strategies whose rows want the same kind and shape of run at the same step, whatever their outputs. */
const fixedCourses = strategyNames.filter((name) => name !== 'adaptive');

/** Holds a runner to the contract of `ModelRunner`. The runner is opened once and never closed by the suite. */
export function describeModelRunner(name: string, open: () => Promise<ModelRunner>, strategies: readonly StrategyName[] = fixedCourses): void {
  describe(`${name} as a model runner`, () => {
    const opened = Promise.resolve().then(open);
    void opened.catch(() => undefined);

    it('reveals as many masked tokens as asked and changes no revealed one', async () => {
      const runner = await opened;
      const row = new Trajectory(request(runner.model, 1), runner.model);
      while (!row.settled && row.kind !== 'decode') {
        const before = row.tokens.slice();
        const due = row.revealCount;
        await step(runner, row);
        expect(row.newPositions).toHaveLength(due);
        const kept = [...before.keys()].filter((at) => before[at] !== runner.model.mask);
        expect(kept.map((at) => row.tokens[at])).toEqual(kept.map((at) => before[at]));
      }
      expect(row.tokens.every((token) => token >= 0 && token < runner.model.mask)).toBe(true);
    });

    it.each(strategies)('gives a %s row the same bits alone, in any batch, at any place in it, and when repeated', async (strategy) => {
      const runner = await opened;
      const alone = await pictures(runner, [[1]], strategy);
      for (const batch of [[1], [1, 2], [2, 1, 3], [8, 7, 6, 5, 1, 4, 3, 2]]) {
        const together = await pictures(runner, [batch], strategy);
        expect(together.get(1)).toEqual(alone.get(1));
      }
    });

    it('gives the same bits at guidance 0 with one branch as with two', async () => {
      const { model, run } = bound(await opened);
      const unguided = { ...request(model, 3), guidance: 0 };
      const [one, two] = [new Trajectory(unguided, model), new Trajectory({ ...request(model, 3), guidance: 1e-9 }, model)];
      const [alone] = (await run(one)).rows;
      const [both] = (await run(two)).rows;
      expect(both!.nextTokens).toEqual(alone!.nextTokens);
      expect(both!.features!.subarray(0, alone!.features!.length)).toEqual(alone!.features);
    });

    it('hands its arrays over for good and only reads the rows', async () => {
      const runner = await opened;
      const rows = [1, 2].map((seed) => new Trajectory(request(runner.model, seed), runner.model));
      const plan = (): StepPlan => ({ kind: rows[0]!.kind, shape: rows[0]!.shape, rows });
      const first = await runner.run(plan());
      const copies = structuredClone(first.rows);
      rows.forEach((row, i) => row.take(first.rows[i]!));
      const tokens = rows.map((row) => row.tokens.slice());
      await runner.run(plan());
      await runner.run(plan());
      expect(first.rows).toEqual(copies);
      expect(rows.map((row) => row.tokens)).toEqual(tokens);
    });
  });
}

const bound = (runner: ModelRunner) => ({
  model: runner.model,
  run: (row: Trajectory) => runner.run({ kind: row.kind, shape: row.shape, rows: [row] }),
});

/** A request for each strategy in turn that the runner's model can take, by its seed. */
function request(model: Model, seed: number, strategy: StrategyName = 'shortcut'): TrajectoryRequest {
  const prompt = new Int32Array(model.promptLength);
  prompt[0] = seed % 3;
  const steps = strategyTable[strategy].oneStep ? 1 : 6;
  return { prompt, seed, strategy, steps, budget: Math.min(2, steps), knobs: knobsOf(strategy), guidance: 2, temperature: 1 };
}

/** Everything a picture leaves behind, by seed, made in lockstep batches. */
async function pictures(runner: ModelRunner, batches: number[][], strategy: StrategyName): Promise<Map<number, unknown>> {
  const made = new Map<number, unknown>();
  for (const seeds of batches) {
    const rows = seeds.map((seed) => new Trajectory(request(runner.model, seed, strategy), runner.model));
    const outputs = rows.map((): RowOutput[] => []);
    while (!rows[0]!.settled) {
      const { kind, shape } = rows[0]!;
      const result = await runner.run({ kind, shape, rows });
      rows.forEach((row, i) => {
        outputs[i]!.push(result.rows[i]!);
        row.take(result.rows[i]!);
      });
    }
    rows.forEach((row, i) => made.set(row.request.seed, { tokens: row.tokens, outputs: outputs[i], pixels: row.pixels }));
  }
  return made;
}

async function step(runner: ModelRunner, row: Trajectory): Promise<void> {
  const { kind, shape } = row;
  row.take((await runner.run({ kind, shape, rows: [row] })).rows[0]!);
}
