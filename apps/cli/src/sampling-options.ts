import type { Command } from 'commander';
import {
  parseGenerationRequest,
  resolveRequest,
  SlipstreamError,
  strategyNames,
  type GenerationRequestInput,
  type GenerationSettings,
} from '@slipstream/contracts';
import type { Engine } from '@slipstream/runtime';
import { number } from './engine-options.js';

/** How a picture is to be sampled; what is left out is the bundle's default, as in the service. */
export interface SamplingOptions {
  readonly strategy?: string;
  readonly steps?: number;
  readonly budget?: number;
  readonly guidance?: number;
  readonly temperature?: number;
  /** The strategy's own settings, as `name=value`. */
  readonly knob?: readonly string[];
}

export function addSamplingOptions(command: Command): Command {
  return command
    .option('--steps <count>', 'steps a picture', number)
    .option('--budget <count>', 'full steps among them', number)
    .option('--strategy <name>', `one of ${strategyNames.join(', ')}`)
    .option('--guidance <number>', 'how strongly the prompt pulls', number)
    .option('--temperature <number>', 'how adventurous the choice of tokens is', number)
    .option('--knob <name=value>', "a setting of the strategy's own, as in order=2; may be given again", collect);
}

/**
 * The settings that the service would resolve from the same request.
 * @throws SlipstreamError `invalid_request`, naming the option.
 */
export function resolveSettings(
  { manifest }: Pick<Engine, 'manifest'>,
  request: GenerationRequestInput,
  { strategy, steps, budget, guidance, temperature, knob = [] }: SamplingOptions = {},
): GenerationSettings {
  const acceleration = { strategy, steps, budget, guidance, temperature, ...Object.fromEntries(knob.map(parseKnob)) };
  return resolveRequest(parseGenerationRequest({ ...request, acceleration }), manifest);
}

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** `name=value`, a number where it is one; whether the strategy has it is the contracts' to say. */
function parseKnob(text: string): [string, string | number] {
  const [, name, value] = /^([a-z_]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new SlipstreamError('invalid_request', `--knob ${text} is not name=value`, { param: '--knob', remedy: 'write it as in order=2' });
  }
  return [name, Number.isNaN(Number(value)) ? value : Number(value)];
}
