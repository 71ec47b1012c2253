import { fleetObject } from '@slipstream/contracts';
import { z } from 'zod';
import { json, withKey, type Operations } from '../reference/operation.js';

const read = withKey('read');

export const fleetOperations: Operations = {
  '/v1/fleet': {
    get: {
      operationId: 'readFleet',
      summary: 'How the workers are, and were over an hour or a week: sums over all tenants, of none in particular',
      security: read.security,
      requestParams: { query: z.object({ span: z.enum(['hour', 'week']).optional() }) },
      responses: { 200: json(fleetObject, 'The fleet'), ...read.refusals },
    },
  },
};
