import type { Engine } from '@slipstream/runtime';
import type { Progress } from '../progress.js';
import type { Sampling } from '@slipstream/contracts';
import { timed, type Timing } from './timing.js';

export type Setting = 'vanilla' | 'accelerated';

export interface BenchOptions {
  /** Each picture shows the next, so that of the first steps only the unconditional branch is remembered, as in real traffic. */
  readonly prompts: readonly string[];
  readonly settings: Readonly<Record<Setting, Sampling>>;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** An engine under measurement, warmed up; every picture has its own fixed seed. */
export interface Bench {
  readonly capacity: number;
  /** What one picture cost while warming up. */
  readonly acceleratedSeconds: number;
  /** What one picture of each setting cost while warming up. */
  readonly pairSeconds: number;
  time(setting: Setting, pictures: number): Promise<Timing>;
}

/** Accelerated pictures until the compiler has settled on the engine's loop: a server has run for days when it is measured. */
const WARM_UP_PICTURES = 60;

/** Warms both settings up (graphs, allocators, threads, compiled code) before the last passes tell what they cost. */
export async function warmUp(engine: Engine, { prompts, settings, progress, signal }: BenchOptions): Promise<Bench> {
  let seed = 0;
  const time = async (setting: Setting, pictures: number): Promise<Timing> => {
    const requests = Array.from({ length: pictures }, () => ({ prompt: prompts[(seed += 1) % prompts.length]!, ...settings[setting], seed }));
    const timing = await timed(engine, requests, signal);
    progress.advance(timing.seconds);
    return timing;
  };
  for (let i = 0; i < WARM_UP_PICTURES; i += 1) await time('accelerated', 1);
  const { seconds: acceleratedSeconds } = await time('accelerated', 1);
  const { seconds: vanillaSeconds } = await time('vanilla', 1);
  return { capacity: engine.capacity, acceleratedSeconds, pairSeconds: acceleratedSeconds + vanillaSeconds, time };
}
