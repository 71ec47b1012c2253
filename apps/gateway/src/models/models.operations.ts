import { modelList, modelObject } from '@slipstream/contracts';
import { z } from 'zod';
import { json, withKey, type Operations } from '../reference/operation.js';

const list = withKey('read');
const read = withKey('read', 'model_not_found');

export const modelsOperations: Operations = {
  '/v1/models': {
    get: { operationId: 'listModels', summary: 'What can be asked for: sizes, strategies, steps, defaults', security: list.security, responses: { 200: json(modelList, 'The models'), ...list.refusals } },
  },
  '/v1/models/{id}': {
    get: {
      operationId: 'readModel',
      summary: 'One model',
      security: read.security,
      requestParams: { path: z.object({ id: z.string() }) },
      responses: { 200: json(modelObject, 'The model'), ...read.refusals },
    },
  },
};
