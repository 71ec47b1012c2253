import type { GenerationRequestInput } from '@slipstream/client';
import { accelerationOf, vanilla, type Preset } from './presets';

/** What somebody wants to see made. */
export interface Wish {
  readonly prompt: string;
  readonly seed: number;
  readonly strategy: string;
  readonly budget: number | undefined;
  /** Whether vanilla is made beside it. */
  readonly beside: boolean;
  /** The same, as a part of the page's address. */
  readonly asQuery: Readonly<Record<string, string>>;
}

const previews = 8;
export const mostSeed = 2 ** 32 - 1;

export function wishOf({ prompt, seed, strategy, budget, beside }: Omit<Wish, 'asQuery'>): Wish {
  const asQuery = { prompt, seed: String(seed), strategy, ...(budget !== undefined && { budget: String(budget) }), ...(!beside && { beside: 'no' }) };
  return { prompt, seed, strategy, budget, beside, asQuery };
}

/** The wish of an address; what it leaves out, or has wrong, is as usual. */
export function wishIn(query: URLSearchParams, presets: readonly Preset[]): Wish {
  const preset = presets.find(({ name }) => name === query.get('strategy')) ?? presets[0]!;
  const budget = preset.budget === undefined ? undefined : wholeNumber(query.get('budget'), { min: 1, max: preset.steps }) ?? preset.budget;
  return wishOf({
    prompt: query.get('prompt') ?? '',
    seed: wholeNumber(query.get('seed'), { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 7,
    strategy: preset.name,
    budget,
    beside: query.get('beside') !== 'no' && presets.some(({ name }) => name === vanilla),
  });
}

/** One request, or two with one seed; made anew each time, or the clocks would tell nothing. */
export function requestsOf({ prompt, seed, strategy, budget, beside }: Wish, presets: readonly Preset[]): GenerationRequestInput[] {
  const of = (name: string): GenerationRequestInput => {
    const preset = presets.find((each) => each.name === name)!;
    return { prompt, seed, cache: 'off', partial_images: previews, acceleration: accelerationOf(preset, name === strategy ? budget : undefined) };
  };
  return beside && strategy !== vanilla ? [of(strategy), of(vanilla)] : [of(strategy)];
}

function wholeNumber(text: string | null, { min, max }: { min: number; max: number }): number | undefined {
  const number = text === null || !/^\d+$/.test(text) ? NaN : Number(text);
  return number >= min && number <= max ? number : undefined;
}
