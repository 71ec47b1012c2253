import { knobsOf, knobTable, strategyTable, wireKnobs, wireName, type BundleManifest, type ModelObject, type StrategyName } from '@slipstream/contracts';
import type { Catalogue } from './catalogue.js';

/** A model as OpenAI's `GET /v1/models` shows one, with our limits and defaults under `slipstream`. */
export function modelObject({ manifest, digest }: Catalogue): ModelObject {
  const { name, description, image, tokens, prompt, sampling, strategies, licences } = manifest;
  return {
    id: name,
    object: 'model',
    /** The manifest carries no date. */
    created: 0,
    owned_by: 'slipstream',
    slipstream: {
      bundle: digest,
      description,
      limits: {
        size: [`${image.width}x${image.height}`],
        n: { min: 1, max: 10 },
        /** With `classes`, a prompt is the number of one, from 0. */
        prompt: { max_characters: 32_000, ...('limit' in prompt && { max_tokens: prompt.limit }), ...('classes' in prompt && { classes: prompt.classes }) },
        strategies: Object.fromEntries(strategies.map((strategy) => [strategy, strategyObject(strategy, manifest)])),
        steps: { min: 1, max: tokens.image },
        /** Full steps among `steps`. */
        budget: { min: 1, max: 'steps' },
      },
      defaults: { ...sampling, knobs: wireKnobs(knobsOf(sampling.strategy, sampling.knobs)) },
      licences,
    },
  };
}

/** What may be said about a strategy in `acceleration`: whether it has a budget, whether steps, and its knobs with range and default. */
function strategyObject(strategy: StrategyName, { sampling }: Pick<BundleManifest, 'sampling'>) {
  const { budget, oneStep = false, knobs } = strategyTable[strategy];
  const defaults = knobsOf(strategy, strategy === sampling.strategy ? sampling.knobs : {});
  return { budget, one_step: oneStep, knobs: Object.fromEntries(knobs.map((knob) => [wireName(knob), { ...knobTable[knob], default: defaults[knob]! }])) };
}
