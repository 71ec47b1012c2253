import type { BundleManifest } from './bundle-manifest.js';
import { classNumber } from './class-number.js';
import type { GenerationRequest } from './generation-request.js';
import type { GenerationSettings, Sampling } from './generation-settings.js';
import { foreignKnobs, knobNames, knobsOf, strategyTable, wireName, type Knobs, type StrategyName } from './strategies.js';
import { SlipstreamError, type SlipstreamErrorOptions } from './slipstream-error.js';

/** The part of a manifest that decides a request. */
export type ModelLimits = Pick<BundleManifest, 'name' | 'image' | 'tokens' | 'prompt' | 'sampling' | 'strategies'>;

/**
 * Makes every choice that a request leaves open: explicit `acceleration` fields first, then the `quality` preset, then the bundle.
 * @param chooseSeed called when the request brings no seed; by default a random one below 2^32.
 * @throws SlipstreamError `model_not_found`, or `invalid_request` naming the field and what the bundle allows.
 */
export function resolveRequest(request: GenerationRequest, manifest: ModelLimits, chooseSeed: () => number = randomSeed): GenerationSettings {
  checkModel(request, manifest);
  checkSize(request, manifest);
  if ('classes' in manifest.prompt) classNumber(request.prompt, { name: manifest.name, classes: manifest.prompt.classes });
  const { prompt, n, output_format: outputFormat, output_compression: outputCompression } = request;
  return {
    model: manifest.name, prompt, n, seed: resolveSeed(request, chooseSeed),
    ...resolveSampling(request, manifest),
    outputFormat, outputCompression, background: resolveBackground(request),
    ...(request.seed === undefined && { seedDrawn: true }),
    ...(request.cache === 'off' && { cache: 'off' }),
    ...(request.partial_images && { previews: request.partial_images }),
  };
}

/**
 * What a `quality` stands for: `high` and `hd` make every step full; `low` has two thirds of the default's full steps;
 * the others are the bundle's default.
 */
export function presetSampling(quality: GenerationRequest['quality'], { sampling }: Pick<ModelLimits, 'sampling'>): Pick<Sampling, 'strategy' | 'budget'> {
  const { strategy, steps, budget } = sampling;
  if (quality === 'high' || quality === 'hd' || !strategyTable[strategy].budget) return { strategy: quality === 'high' || quality === 'hd' ? 'vanilla' : strategy, budget: steps };
  return { strategy, budget: quality === 'low' ? Math.max(1, Math.floor((budget * 2) / 3)) : budget };
}

function resolveSampling({ quality, acceleration = {} }: GenerationRequest, manifest: ModelLimits): Sampling {
  const { tokens, sampling, strategies, name } = manifest;
  const preset = presetSampling(quality, manifest);
  const strategy = (acceleration.strategy ?? preset.strategy) as StrategyName;
  check(strategies.includes(strategy), `acceleration.strategy is ${JSON.stringify(strategy)}, which ${name} does not serve`, { param: 'acceleration.strategy', remedy: `use one of ${strategies.join(', ')}` });
  const { oneStep = false, budget: budgeted } = strategyTable[strategy];
  const { steps = oneStep ? 1 : sampling.steps, guidance = oneStep ? 0 : sampling.guidance, temperature = sampling.temperature } = acceleration;
  const usual = strategyTable[preset.strategy].budget ? preset.budget : sampling.budget;
  const budget = acceleration.budget ?? (budgeted ? Math.min(usual, steps) : steps);
  check(steps <= tokens.image, `acceleration.steps is ${steps}, more than the ${tokens.image} tokens of a picture`, { param: 'acceleration.steps', remedy: `use 1 to ${tokens.image}` });
  check(!oneStep || steps === 1, `acceleration.steps is ${steps}, but ${strategy} makes a picture in one`, { param: 'acceleration.steps', remedy: 'leave it out' });
  check(!oneStep || guidance === 0, `acceleration.guidance has no meaning under ${strategy}, which learned its guidance`, { param: 'acceleration.guidance', remedy: 'leave it out' });
  check(budgeted || budget === steps, `acceleration.budget has no meaning under the ${strategy} strategy, which chooses its full steps otherwise`, { param: 'acceleration.budget', remedy: 'leave it out or set acceleration.strategy to one that has a budget' });
  check(budget <= steps, `acceleration.budget is ${budget}, more than the ${steps} steps`, { param: 'acceleration.budget', remedy: `use 1 to ${steps}, or more steps` });
  return { strategy, steps, budget, knobs: resolveKnobs(acceleration, strategy, sampling), guidance, temperature };
}

/** Given knobs first, then the bundle's for its default strategy, then the table's. */
function resolveKnobs(acceleration: NonNullable<GenerationRequest['acceleration']>, strategy: StrategyName, sampling: ModelLimits['sampling']): Partial<Knobs> {
  const given: Partial<Knobs> = Object.fromEntries(knobNames.map((knob) => [knob, (acceleration as Record<string, unknown>)[wireName(knob)]]));
  const [foreign] = foreignKnobs(strategy, given);
  const own = strategyTable[strategy].knobs.map(wireName);
  check(foreign === undefined, `acceleration.${foreign && wireName(foreign)} is not a knob of the ${strategy} strategy`, { param: `acceleration.${foreign && wireName(foreign)}`, remedy: own.length > 0 ? `it has ${own.join(', ')}` : 'leave it out' });
  const knobs = knobsOf(strategy, given, strategy === sampling.strategy ? sampling.knobs : {});
  check((knobs.minGap ?? 1) <= (knobs.maxGap ?? 1), `acceleration.min_gap is ${knobs.minGap}, more than the max_gap of ${knobs.maxGap}`, { param: 'acceleration.min_gap', remedy: 'lower it or raise max_gap' });
  return knobs;
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
