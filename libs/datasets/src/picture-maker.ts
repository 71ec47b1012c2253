import { samplingOf, SlipstreamError, type DatasetPlan, type Sampling, type StepCounts } from '@slipstream/contracts';
import type { Pixels } from './difference-hash.js';
import type { PictureMaker } from './outcome.js';

/** What a maker needs of an engine; any Engine of the runtime has it. */
export interface SamplingEngine {
  submit(request: { prompt: string; seed: number } & Sampling, options: { signal?: AbortSignal }): Promise<Pixels & StepCounts & { readonly remembered: number }>;
  score(picture: { pixels: Uint8Array; prompt: string }): Promise<readonly { readonly scorer: string; readonly value: number }[]>;
}

export interface MakerParts {
  readonly engine: SamplingEngine;
  /** `native`: with little work, at the price of bytes that are the same on machines of one kind only. */
  readonly encode: (picture: Pixels, options: { format: 'png' | 'jpeg' | 'webp'; compression: number; background: 'transparent' | 'opaque'; native: true }) => Promise<Uint8Array>;
  /** Hears of each picture: its full steps, branches of them that were recalled instead of computed, and the size of its file. */
  readonly onMade?: (made: { readonly fullSteps: number; readonly remembered: number; readonly fileBytes: number }) => void;
}

/** Samples through an engine, as a plan wants them; command line and workers make the same bytes by it. */
export function pictureMaker({ settings, filters: { minScore } }: Pick<DatasetPlan, 'settings' | 'filters'>, { engine, encode, onMade }: MakerParts): PictureMaker {
  const sampling = samplingOf(settings);
  const encoding = { format: settings.outputFormat, compression: settings.outputCompression, background: settings.background, native: true as const };
  return async ({ prompt, seed }, { signal }) => {
    const { pixels, width, height, fullSteps, shortcutSteps, partialSteps, remembered } = await engine.submit({ prompt, seed, ...sampling }, { signal });
    const file = await encode({ pixels, width, height }, encoding);
    const score = minScore && scoreBy(minScore.scorer, await engine.score({ pixels, prompt }));
    onMade?.({ fullSteps, remembered, fileBytes: file.byteLength });
    return { pixels, width, height, fullSteps, shortcutSteps, partialSteps, file, ...(score !== undefined && { score }) };
  };
}

function scoreBy(name: string, scores: readonly { readonly scorer: string; readonly value: number }[]): number {
  const found = scores.find(({ scorer }) => scorer === name);
  if (found) return found.value;
  throw new SlipstreamError('configuration_invalid', `the scorer ${name} is not open here`, { param: 'scorer', remedy: 'name its folder' });
}
