import type { GenerationSettings } from '@slipstream/contracts';
import type { SampleRequest } from '@slipstream/runtime';

/** How a picture is made, apart from what it shows and its seed. */
export type Sampling = Pick<SampleRequest, 'strategy' | 'steps' | 'budget' | 'knobs' | 'guidance' | 'temperature'>;

export const samplingOf = ({ strategy, steps, budget, knobs, guidance, temperature }: GenerationSettings): Sampling => ({
  strategy,
  steps,
  budget,
  knobs,
  guidance,
  temperature,
});
