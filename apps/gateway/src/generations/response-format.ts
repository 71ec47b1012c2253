import { SlipstreamError } from '@slipstream/contracts';
import type { ResponseFormat } from '../pictures/pictures.js';

/** The query's `response_format`, default `url`. @throws SlipstreamError `invalid_request` */
export function parseResponseFormat(given: unknown): ResponseFormat {
  if (given === undefined || given === 'url') return 'url';
  if (given === 'b64_json') return 'b64_json';
  throw new SlipstreamError('invalid_request', 'response_format must be url or b64_json', { param: 'response_format' });
}
