import type { GenerationJob, PictureProvenance } from '@slipstream/contracts';
import type { SampleResult } from '@slipstream/runtime';

/** What a PNG says of itself: enough to make it again, and nothing that differs from one making to the next. */
export type PictureText = PictureProvenance & { readonly prompt: string; readonly budget: number; readonly guidance: number; readonly temperature: number };

/** Of one picture, with its own seed (docs/adr: no clock reading, so that the same seed gives the same bytes). */
export function pictureText({ settings }: GenerationJob, made: { digest: string; seed: number; result: SampleResult }): PictureText {
  const { strategy, steps, budget, guidance, temperature, prompt } = settings;
  const { fullSteps: full_steps, shortcutSteps: shortcut_steps } = made.result;
  return { bundle: made.digest, seed: made.seed, strategy, steps, full_steps, shortcut_steps, budget, guidance, temperature, prompt };
}
