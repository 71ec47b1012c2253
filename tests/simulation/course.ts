import { FakeModelRunner, TINY_MODEL } from '@slipstream/sampler/testing';
import { Trajectory, type PlanKind, type Shape } from '@slipstream/sampler';

/** The runs of one picture, one after the other, as the scheduler sees them. */
export type Course = readonly { readonly kind: PlanKind; readonly shape: Shape }[];

/** The shipped bundle's sizes, and the default sampling that the committed report was made with. */
const model = {
  ...TINY_MODEL,
  imageTokens: 64, gridWidth: 8, gridHeight: 8, positions: 68,
  newTokenBuckets: [4, 16, 64], maskedBuckets: [16, 32, 64], selectedBuckets: [8, 16, 32, 64, 68],
};
export const sampling = { strategy: 'anchored', steps: 32, budget: 4, knobs: { placement: 'steps' }, guidance: 2, temperature: 1 } as const;

/** What a real row of the default sampling asks for; the same for every picture, since it follows from the request alone. */
export async function recordCourse(): Promise<Course> {
  const runner = new FakeModelRunner(model);
  const row = new Trajectory({ ...sampling, prompt: Int32Array.of(1, 2, 0, 0), seed: 7 }, model);
  const course: { kind: PlanKind; shape: Shape }[] = [];
  while (!row.settled) {
    const { kind, shape } = row;
    course.push({ kind, shape });
    row.take((await runner.run({ kind, shape, rows: [row] })).rows[0]!);
  }
  return course;
}

/** The course of a picture whose prompt's first step is remembered: only the head runs. */
export const remembered = ([first, ...rest]: Course): Course => [{ kind: 'head', shape: first!.shape }, ...rest];
