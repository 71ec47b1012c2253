import type { GenerationObject, GenerationRequestInput } from '@slipstream/client';
import { vanilla, type Preset } from './presets';
import { chosenIn, partOf, toldBy, type Chosen } from './settings';

/** What somebody wants to see made. */
export interface Wish {
  readonly prompt: string;
  readonly seed: number;
  readonly strategy: string;
  readonly budget: number | undefined;
  /** Whether vanilla is made beside it. */
  readonly beside: boolean;
  /** What else differs from what is usual. */
  readonly chosen: Chosen;
  /** The same, as a part of the page's address. */
  readonly asQuery: Readonly<Record<string, string>>;
}

const previews = 8;
export const mostSeed = 2 ** 32 - 1;

export function wishOf(wish: Omit<Wish, 'asQuery'>): Wish {
  const { prompt, seed, strategy, budget, beside, chosen } = wish;
  const rest = Object.fromEntries(Object.entries(chosen).map(([name, value]) => [name, String(value)]));
  return { ...wish, asQuery: { prompt, seed: String(seed), strategy, ...(budget !== undefined && { budget: String(budget) }), ...rest, ...(!beside && { beside: 'no' }) } };
}

/** The wish of an address; what it leaves out, or has wrong, is as usual. */
export function wishIn(query: URLSearchParams, presets: readonly Preset[]): Wish {
  const preset = presets.find(({ name }) => name === query.get('strategy')) ?? presets[0]!;
  const chosen = chosenIn(preset.settings, (name) => query.get(name));
  return wishOf({
    prompt: query.get('prompt') ?? '',
    seed: wholeNumber(query.get('seed'), { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 7,
    strategy: preset.name,
    budget: budgetWithin(stepsOf(preset, chosen), preset, wholeNumber(query.get('budget'), { min: 1, max: stepsOf(preset, chosen) })),
    beside: query.get('beside') !== 'no' && presets.some(({ name }) => name === vanilla),
    chosen,
  });
}

/** The wish that a generation was made from, down to the last byte of its pictures; undefined where its strategy is not served any more. */
export function wishAgain(generation: GenerationObject, presets: readonly Preset[]): Wish | undefined {
  const { prompt, seed, acceleration: { strategy, budget } } = generation;
  const preset = presets.find(({ name }) => name === strategy);
  return preset && wishOf({ prompt, seed, strategy, budget: preset.budget === undefined ? undefined : budget, beside: false, chosen: chosenIn(preset.settings, toldBy(generation)) });
}

/** One request, or two with one seed; made anew each time, or the clocks would tell nothing. */
export function requestsOf({ prompt, seed, strategy, budget, beside, chosen }: Wish, presets: readonly Preset[]): GenerationRequestInput[] {
  const of = (name: string, asked?: number): GenerationRequestInput => {
    const preset = presets.find((each) => each.name === name)!;
    const steps = stepsOf(preset, chosen);
    const within = budgetWithin(steps, preset, asked);
    return {
      prompt, seed, ...partOf(preset.settings, chosen, 'request'), cache: 'off', partial_images: previews,
      acceleration: { strategy: name, ...partOf(preset.settings, chosen, 'acceleration'), steps, ...(within !== undefined && { budget: within }) },
    };
  };
  return beside && strategy !== vanilla ? [of(strategy, budget), of(vanilla)] : [of(strategy, budget)];
}

export const stepsOf = ({ steps, settings }: Preset, chosen: Chosen): number => (settings.some(({ name }) => name === 'steps') ? Number(chosen['steps'] ?? steps) : steps);

/** The budget asked for, or the usual one, as far as there are steps for it; undefined where the strategy has none. */
export const budgetWithin = (steps: number, { budget: usual }: Preset, asked = usual): number | undefined => (usual === undefined ? undefined : Math.min(asked ?? usual, steps));

function wholeNumber(text: string | null, { min, max }: { min: number; max: number }): number | undefined {
  const number = text === null || !/^\d+$/.test(text) ? NaN : Number(text);
  return number >= min && number <= max ? number : undefined;
}
