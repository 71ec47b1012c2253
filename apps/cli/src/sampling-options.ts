import type { Command } from 'commander';
import {
  parseGenerationRequest,
  resolveRequest,
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
}

export function addSamplingOptions(command: Command): Command {
  return command
    .option('--steps <count>', 'steps a picture', number)
    .option('--budget <count>', 'full steps among them', number)
    .option('--strategy <name>', 'vanilla (every step full) or shortcut')
    .option('--guidance <number>', 'how strongly the prompt pulls', number)
    .option('--temperature <number>', 'how adventurous the choice of tokens is', number);
}

/**
 * The settings that the service would resolve from the same request.
 * @throws SlipstreamError `invalid_request`, naming the option.
 */
export function resolveSettings(
  { manifest }: Pick<Engine, 'manifest'>,
  request: GenerationRequestInput,
  { strategy, steps, budget, guidance, temperature }: SamplingOptions = {},
): GenerationSettings {
  const acceleration = { strategy, steps, budget, guidance, temperature };
  return resolveRequest(parseGenerationRequest({ ...request, acceleration }), manifest);
}
