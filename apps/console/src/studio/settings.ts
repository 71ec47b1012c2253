import type { GenerationObject, ModelObject } from '@slipstream/client';

type Rule = ModelObject['slipstream']['limits']['strategies'][string]['knobs'][string];

/** A choice beside prompt, seed, strategy and budget: a number within a range, or one of some words. */
export interface Setting extends Rule {
  /** In requests and answers. */
  readonly name: string;
  readonly title: string;
  /** Where a request has it. */
  readonly of: 'request' | 'acceleration';
}

/** Values by the names of their settings; what is left out is as usual. */
export type Chosen = Readonly<Record<string, string | number>>;

/** What may be chosen under a strategy. */
export function settingsOf({ slipstream: { defaults, limits } }: ModelObject, strategy: string): Setting[] {
  const { one_step: oneStep, knobs } = limits.strategies[strategy]!;
  const of = (part: Setting['of'], rules: Readonly<Record<string, Rule>>): Setting[] => Object.entries(rules).map(([name, rule]) => ({ name, title: titles[name] ?? wordsOf(name), of: part, ...rule }));
  return [
    ...of('acceleration', oneStep ? {} : { steps: { default: defaults.steps, ...limits.steps, whole: true }, guidance: { default: defaults.guidance, min: 0, max: 20 } }),
    ...of('acceleration', { temperature: { default: defaults.temperature, min: 0.05, max: 5 }, ...knobs }),
    ...of('request', {
      n: { default: 1, ...limits.n, whole: true },
      size: { default: limits.size[0]!, values: limits.size },
      output_format: { default: 'png', values: ['png', 'jpeg', 'webp'] },
      output_compression: { default: 100, min: 0, max: 100, whole: true },
      background: { default: 'transparent', values: ['transparent', 'opaque'] },
    }),
  ];
}

/** A text as a value of the setting; undefined where it is none. */
export function valueOf({ min = -Infinity, max = Infinity, whole = false, values }: Rule, text: string | null | undefined): string | number | undefined {
  if (values) return text && values.includes(text) ? text : undefined;
  const number = text && /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  return number >= min && number <= max && (!whole || Number.isInteger(number)) ? number : undefined;
}

/** What `textOf` gives of each setting, as far as it is a value and not the usual one. */
export function chosenIn(settings: readonly Setting[], textOf: (name: string) => string | null | undefined): Chosen {
  const told = settings.map((setting) => [setting, valueOf(setting, textOf(setting.name))] as const);
  return Object.fromEntries(told.flatMap(([setting, value]) => (value === undefined || value === setting.default ? [] : [[setting.name, value]])));
}

/** What a generation says of a setting. */
export function toldBy(generation: GenerationObject): (name: string) => string | undefined {
  const told: Readonly<Record<string, unknown>> = { ...generation, ...generation.acceleration };
  return (name) => (told[name] === undefined ? undefined : String(told[name]));
}

/** Of what was chosen, the part of a request that the settings have. */
export const partOf = (settings: readonly Setting[], chosen: Chosen, part: Setting['of']): Chosen =>
  Object.fromEntries(settings.flatMap(({ name, of }) => (of === part && chosen[name] !== undefined ? [[name, chosen[name]]] : [])));

const titles: Readonly<Record<string, string>> = { n: 'Pictures', output_format: 'Format', output_compression: 'Compression' };
const wordsOf = (name: string): string => name[0]!.toUpperCase() + name.slice(1).replaceAll('_', ' ');
