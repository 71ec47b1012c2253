import type { ModelRunner } from './model-runner.js';
import { Trajectory, type TrajectoryRequest } from './trajectory.js';
import type { UniformSource } from './uniforms.js';

export interface OnePicture {
  readonly pixels: Uint8Array;
  /** Tokens after each step; the last are the picture's. */
  readonly tokensByStep: Int32Array[];
}

/**
 * The slow reference: one picture, one row a run, nothing remembered. The engine must give the same bytes in any batch,
 * whatever it remembers. Rejects with the row's failure.
 */
export async function generateOne(runner: ModelRunner, request: TrajectoryRequest, uniforms?: UniformSource): Promise<OnePicture> {
  const row = new Trajectory(request, runner.model, { uniforms });
  const tokensByStep: Int32Array[] = [];
  while (!row.settled) {
    const { kind, shape, step } = row;
    const { rows } = await runner.run({ kind, rows: [row], shape });
    row.take(rows[0]!);
    if (row.step > step) tokensByStep.push(row.tokens.slice());
  }
  if (row.failure) throw row.failure;
  return { pixels: row.pixels!, tokensByStep };
}
