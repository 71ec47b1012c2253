import type { Catalogue } from './catalogue.js';

/** A model as OpenAI's `GET /v1/models` shows one, with our limits and defaults under `slipstream`. */
export function modelObject({ manifest, digest }: Catalogue) {
  const { name, description, image, tokens, sampling, strategies, licences } = manifest;
  return {
    id: name,
    object: 'model' as const,
    /** The manifest carries no date. */
    created: 0,
    owned_by: 'slipstream',
    slipstream: {
      bundle: digest,
      description,
      limits: {
        size: [`${image.width}x${image.height}`],
        n: { min: 1, max: 10 },
        prompt: { max_characters: 32_000 },
        strategies,
        steps: { min: 1, max: tokens.image },
        /** Full steps among `steps`. */
        budget: { min: 1, max: 'steps' as const },
      },
      defaults: { ...sampling, strategy: strategies.includes('shortcut') ? 'shortcut' : 'vanilla' },
      licences,
    },
  };
}
