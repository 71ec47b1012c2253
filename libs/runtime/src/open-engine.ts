import { SlipstreamError } from '@slipstream/contracts';
import type { Engine, EngineOptions } from './engine.js';

/** Loads a bundle into an engine thread. Rejects with SlipstreamError `bundle_invalid` or `configuration_invalid`. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  throw new SlipstreamError('engine_failed', `no engine thread for ${options.bundleDir} yet`);
}
