import { SlipstreamError } from '@slipstream/contracts';
import { z } from 'zod';

/** The cursor of a list as it is sent, after OpenAI's. */
export interface PageQuery {
  readonly after?: unknown;
  readonly limit?: unknown;
}

/** The same as the API's description has it. */
export const pageQuery = z.object({
  after: z.string().optional().meta({ description: 'The id of the last member of the page before' }),
  limit: z.string().optional().meta({ description: 'A whole number from 1 to 100; 20 if left out' }),
});

/** Which part of a list is wanted: what follows the id `after`, at most so many; 20 by default. @throws SlipstreamError `invalid_request` */
export function listPage({ after, limit = '20' }: PageQuery): { after: string | undefined; most: number } {
  if (typeof limit !== 'string' || !/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > 100) throw new SlipstreamError('invalid_request', 'limit must be a whole number from 1 to 100', { param: 'limit' });
  if (after !== undefined && (typeof after !== 'string' || after.length > 128)) throw new SlipstreamError('invalid_request', 'after must be the id of the last member of the page before', { param: 'after' });
  return { after, most: Number(limit) };
}
