import { SlipstreamError } from '@slipstream/contracts';

/** A request that the sampler cannot run, by field. */
export function invalid(field: string, must: string, given: unknown): SlipstreamError {
  return new SlipstreamError('invalid_request', `${field} must be ${must}, not ${String(given)}`, { param: field });
}
