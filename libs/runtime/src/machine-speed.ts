import './no-telemetry.js';
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { matMulGraph } from './mat-mul-graph.js';

/** What nothing on this machine is faster than. */
export interface MachineSpeed {
  /** Floating-point operations of a large product of matrices, all threads together. */
  readonly operationsPerSecond: number;
  /** Bytes read and written by copying memory, one thread. */
  readonly bytesPerSecond: number;
}

const SIDE = 1536;
const COPIED_FLOATS = 2 ** 25;
const REPETITIONS = 7;

/** Measures it in about a second, in the calling thread: in a process without an engine, as `openRunner`. */
export async function measureMachine(threads = availableParallelism()): Promise<MachineSpeed> {
  const session = await InferenceSession.create(matMulGraph(), { executionProviders: ['cpu'], intraOpNumThreads: threads });
  const matrix = (): Tensor => new Tensor('float32', new Float32Array(SIDE * SIDE).fill(0.5), [SIDE, SIDE]);
  const feeds = { a: matrix(), b: matrix() };
  const product = await fastest(() => session.run(feeds));
  await session.release();
  const [from, to] = [new Float32Array(COPIED_FLOATS).fill(1), new Float32Array(COPIED_FLOATS)];
  const copy = await fastest(async () => to.set(from));
  return { operationsPerSecond: (2 * SIDE ** 3) / product, bytesPerSecond: (2 * from.byteLength) / copy };
}

/** Seconds of the fastest of some runs, the first left out. */
async function fastest(run: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let i = 0; i <= REPETITIONS; i += 1) {
    const startedMs = performance.now();
    await run();
    if (i > 0) least = Math.min(least, (performance.now() - startedMs) / 1000);
  }
  return least;
}
