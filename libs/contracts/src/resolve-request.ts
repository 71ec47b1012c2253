import type { BundleManifest, Strategy } from './bundle-manifest.js';
import type { GenerationRequest } from './generation-request.js';
import type { GenerationSettings } from './generation-settings.js';
import { SlipstreamError, type SlipstreamErrorOptions } from './slipstream-error.js';

/** The part of a manifest that decides a request. */
export type ModelLimits = Pick<BundleManifest, 'name' | 'image' | 'tokens' | 'sampling' | 'strategies'>;
type Sampling = Pick<GenerationSettings, 'strategy' | 'steps' | 'budget' | 'guidance' | 'temperature'>;

/**
 * Makes every choice that a request leaves open: explicit `acceleration` fields first, then the `quality` preset, then the bundle.
 * @param chooseSeed called when the request brings no seed; by default a random one below 2^32.
 * @throws SlipstreamError `model_not_found`, or `invalid_request` naming the field and what the bundle allows.
 */
export function resolveRequest(request: GenerationRequest, manifest: ModelLimits, chooseSeed: () => number = randomSeed): GenerationSettings {
  checkModel(request, manifest);
  checkSize(request, manifest);
  const { prompt, n, output_format: outputFormat, output_compression: outputCompression } = request;
  return {
    model: manifest.name, prompt, n, seed: resolveSeed(request, chooseSeed),
    ...resolveSampling(request, manifest),
    outputFormat, outputCompression, background: resolveBackground(request),
  };
}

/**
 * What a `quality` stands for: `high` and `hd` make every step full; `low` has two thirds of the default's full steps;
 * the others are the bundle's default. A bundle without the shortcut strategy has only full steps.
 */
export function presetSampling(quality: GenerationRequest['quality'], { sampling, strategies }: ModelLimits): Pick<Sampling, 'strategy' | 'budget'> {
  if (quality === 'high' || quality === 'hd' || !strategies.includes('shortcut')) return { strategy: 'vanilla', budget: sampling.steps };
  const budget = quality === 'low' ? Math.max(1, Math.floor((sampling.budget * 2) / 3)) : sampling.budget;
  return { strategy: 'shortcut', budget };
}

function resolveSampling({ quality, acceleration = {} }: GenerationRequest, manifest: ModelLimits): Sampling {
  const { tokens, sampling, strategies } = manifest;
  const preset = presetSampling(quality, manifest);
  const strategy = (acceleration.strategy ?? preset.strategy) as Strategy;
  const { steps = sampling.steps, guidance = sampling.guidance, temperature = sampling.temperature } = acceleration;
  const usual = preset.strategy === 'shortcut' ? preset.budget : sampling.budget;
  const budget = acceleration.budget ?? (strategy === 'vanilla' ? steps : Math.min(usual, steps));
  check(strategies.includes(strategy), `acceleration.strategy is ${JSON.stringify(strategy)}, which ${manifest.name} does not have`, { param: 'acceleration.strategy', remedy: `use ${strategies.join(' or ')}` });
  check(steps <= tokens.image, `acceleration.steps is ${steps}, more than the ${tokens.image} tokens of a picture`, { param: 'acceleration.steps', remedy: `use 1 to ${tokens.image}` });
  check(budget <= steps, `acceleration.budget is ${budget}, more than the ${steps} steps`, { param: 'acceleration.budget', remedy: `use 1 to ${steps}, or more steps` });
  check(strategy !== 'vanilla' || budget === steps, 'acceleration.budget has no meaning under the vanilla strategy, which makes every step full', { param: 'acceleration.budget', remedy: 'leave it out or set acceleration.strategy to shortcut' });
  return { strategy, steps, budget, guidance, temperature };
}

function checkModel({ model }: GenerationRequest, { name }: ModelLimits): void {
  if (model === undefined || model === name) return;
  throw new SlipstreamError('model_not_found', `model ${JSON.stringify(model.slice(0, 64))} is not served here`, { param: 'model', remedy: `use ${JSON.stringify(name)} or leave it out` });
}

function checkSize({ size }: GenerationRequest, { name, image }: ModelLimits): void {
  const own = `${image.width}x${image.height}`;
  check(size === 'auto' || size === own, `size ${JSON.stringify(size)} is not one that ${name} makes`, { param: 'size', remedy: `use ${own} or auto` });
}

function resolveSeed({ seed, n }: GenerationRequest, chooseSeed: () => number): number {
  const first = seed ?? chooseSeed();
  const most = Number.MAX_SAFE_INTEGER - (n - 1);
  check(first <= most, `seed ${first} leaves no room for ${n} pictures with a seed each`, { param: 'seed', remedy: `use at most ${most}` });
  return first;
}

function resolveBackground({ background, output_format: format }: GenerationRequest): GenerationSettings['background'] {
  check(background !== 'transparent' || format !== 'jpeg', 'background is transparent, which jpeg cannot hold', { param: 'background', remedy: 'use output_format png or webp, or background opaque' });
  return background === 'auto' ? (format === 'jpeg' ? 'opaque' : 'transparent') : background;
}

function check(holds: boolean, message: string, options: SlipstreamErrorOptions): void {
  if (!holds) throw new SlipstreamError('invalid_request', message, options);
}

const randomSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!;
