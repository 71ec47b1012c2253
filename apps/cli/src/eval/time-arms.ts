import { spread, type Spread } from '@slipstream/quality';
import type { Engine } from '@slipstream/runtime';
import type { Progress } from '../progress.js';
import type { Arm } from './arm.js';

export interface TimeOptions {
  readonly arms: readonly Arm[];
  /** Each picture shows the next one, so that of the first steps only the unconditional branch is remembered, as in traffic. */
  readonly prompts: readonly string[];
  readonly rounds: number;
  /** In rounds of all arms. */
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Until the compiler has settled on the engine's loop. */
export const WARM_UP_ROUNDS = 3;

/** Wall-clock seconds from submit to pixels, one picture at a time, all arms in turn in every round: one run, one batch size. */
export async function timeArms(engine: Engine, { arms, prompts, rounds, progress, signal }: TimeOptions): Promise<Map<string, Spread>> {
  const seconds = new Map(arms.map(({ id }) => [id, [] as number[]]));
  let next = 0;
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const { id, sampling } of arms) {
      const startedMs = performance.now();
      await engine.submit({ prompt: prompts[next++ % prompts.length]!, seed: next, ...sampling }, { signal });
      if (round >= 0) seconds.get(id)!.push((performance.now() - startedMs) / 1000);
    }
    progress.advance(1);
  }
  return new Map([...seconds].map(([id, values]) => [id, spread(values)]));
}
