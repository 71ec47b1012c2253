import type { BundleManifest, GenerationSettings, Usage } from '@slipstream/contracts';

/**
 * OpenAI's `usage`: what the model reads and makes. Input is the prompt as the model sees it, cut or padded to the
 * bundle's prompt length, once; output is the image tokens of all pictures.
 */
export function usageOf({ n }: Pick<GenerationSettings, 'n'>, { prompt, tokens }: Pick<BundleManifest, 'prompt' | 'tokens'>): Usage {
  const made = n * tokens.image;
  return {
    input_tokens: prompt.length,
    input_tokens_details: { text_tokens: prompt.length, image_tokens: 0 },
    output_tokens: made,
    output_tokens_details: { text_tokens: 0, image_tokens: made },
    total_tokens: prompt.length + made,
  };
}
