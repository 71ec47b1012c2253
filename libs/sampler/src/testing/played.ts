import { knobsOf, strategyTable, type Knobs, type StrategyName } from '@slipstream/contracts';
import type { Model, RowOutput } from '../model-runner.js';
import { Trajectory, type TrajectoryRequest } from '../trajectory.js';
import type { Turn } from '../turn.js';
import { FakeModelRunner, TINY_MODEL } from './fake-model-runner.js';

/** The tiny model with 8 × 8 tokens. */
export const EIGHT_BY_EIGHT: Model = {
  ...TINY_MODEL,
  imageTokens: 64, gridWidth: 8, gridHeight: 8, positions: 68,
  newTokenBuckets: [4, 16, 64], maskedBuckets: [16, 32, 64], selectedBuckets: [8, 16, 32, 64, 68],
};

/** One run as the row stood before it, what it gave, and what it revealed. */
export interface Ran<Kind extends Turn['kind'] = Turn['kind']> {
  readonly turn: Extract<Turn, { kind: Kind }>;
  readonly step: number;
  readonly tokens: Int32Array;
  readonly newPositions: readonly number[];
  readonly maskedPositions: Int32Array;
  readonly maskRatio: number;
  readonly guidance: number;
  readonly temperature: number;
  readonly output: RowOutput;
  readonly revealed: readonly number[];
}

interface PlayOptions {
  readonly model?: Model;
  /** What the run gives instead of what the fake made. */
  readonly script?: (output: RowOutput, row: Trajectory) => RowOutput;
}

export type Changes = Partial<Omit<TrajectoryRequest, 'knobs'>> & { readonly knobs?: Partial<Knobs> };

/** A request of six steps with a budget of two, or of the one step that the strategy takes; knobs left out are the defaults. */
export function requestOf(strategy: StrategyName, { knobs = {}, ...changes }: Changes = {}): TrajectoryRequest {
  const steps = strategyTable[strategy].oneStep ? 1 : 6;
  const usual = { prompt: Int32Array.of(1, 2, 0, 0), seed: 7, steps, budget: Math.min(2, steps), guidance: 2, temperature: 1 };
  return { ...usual, ...changes, strategy, knobs: knobsOf(strategy, knobs) };
}

/** Runs a row alone on the fake until it has its picture, and tells every run but the decode. */
export async function played(request: TrajectoryRequest, { model = TINY_MODEL, script = (output) => output }: PlayOptions = {}): Promise<Ran[]> {
  const runner = new FakeModelRunner(model);
  const row = new Trajectory(request, model);
  const runs: Ran[] = [];
  while (row.kind !== 'decode') {
    const { turn, kind, shape, step, newPositions, maskedPositions, maskRatio, guidance, temperature } = row;
    const before = { turn, step, newPositions, maskedPositions, maskRatio, guidance, temperature, tokens: row.tokens.slice() };
    const output = script((await runner.run({ kind, shape, rows: [row] })).rows[0]!, row);
    row.take(output);
    if (row.failure) throw row.failure;
    runs.push({ ...before, output, revealed: row.step > step ? row.newPositions : [] });
  }
  return runs;
}

/** The runs of one kind. */
export function ofKind<Kind extends Turn['kind']>(runs: readonly Ran[], kind: Kind): Ran<Kind>[] {
  return runs.filter(({ turn }) => turn.kind === kind) as unknown as Ran<Kind>[];
}

/** The steps at which a run of this kind was made. */
export const stepsOf = (runs: readonly Ran[], kind: Turn['kind']): number[] => ofKind(runs, kind).map(({ step }) => step);
