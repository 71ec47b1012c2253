import { z } from 'zod';
import { refusals, type Operations } from '../reference/operation.js';

const binary = { schema: z.string().meta({ override: { type: 'string', format: 'binary' } }) };

export const picturesOperations: Operations = {
  '/v1/pictures/{generation}/{file}': {
    get: {
      operationId: 'downloadPicture',
      summary: 'A picture by the link of an answer, where pictures lie in a folder; wants no key, the link is signed',
      requestParams: {
        path: z.object({ generation: z.string(), file: z.string() }),
        query: z.object({ expires: z.string().meta({ description: 'Unix seconds' }), signature: z.string() }),
      },
      responses: { 200: { description: 'The file', content: { 'image/png': binary, 'image/jpeg': binary, 'image/webp': binary } }, ...refusals('invalid_request', 'picture_link_invalid', 'picture_link_expired', 'picture_not_found', 'storage_unavailable') },
    },
  },
};
