import { Trajectory, type ModelRunner } from '@slipstream/sampler';
import { expect } from 'vitest';
import { rowOf, uniformsOf, type Golden } from './golden.js';

/**
 * Plays golden trajectories at once, each run with whoever wants the same, and holds the tokens after every step against the
 * trainer's. Gives how many places in runs were shared.
 */
export async function playedTogether(runner: ModelRunner, trajectories: Golden['trajectories']): Promise<number> {
  const rows = trajectories.map((run) => new Trajectory({ ...run, prompt: Int32Array.from(run.promptIds), seed: 0 }, runner.model, { uniforms: uniformsOf(run) }));
  let shared = 0;
  while (rows.some(({ settled }) => !settled)) {
    const { kind, shape } = rows.find(({ settled }) => !settled)!;
    const mates = rows.filter((row) => !row.settled && row.kind === kind && JSON.stringify(row.shape) === JSON.stringify(shape));
    const { rows: outputs } = await runner.run({ kind, shape, rows: mates });
    shared += mates.length - 1;
    mates.forEach((row, i) => {
      const { step } = row;
      row.take(outputs[i]!);
      if (row.step > step) expect(row.tokens).toEqual(rowOf(trajectories[rows.indexOf(row)]!.tokens, step));
    });
  }
  return shared;
}
