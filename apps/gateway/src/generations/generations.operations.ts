import { generationObject, generationRequest } from '@slipstream/contracts';
import { z } from 'zod';
import { json, withKey, type Operations } from '../reference/operation.js';

const id = z.string().meta({ description: 'Of the generation' });
export const idempotencyKey = z.string().optional().meta({ description: 'The client’s own name for this request; sent again with the same body it brings the same generation' });
const create = withKey('write', 'invalid_request', 'invalid_json', 'model_not_found', 'body_too_large', 'unsupported_media_type', 'idempotency_mismatch', 'rate_limited', 'quota_exceeded', 'overloaded');
const find = withKey('read', 'invalid_request', 'generation_not_found', 'generation_expired', 'storage_unavailable');
const cancel = withKey('write', 'generation_not_found', 'generation_expired', 'generation_settled');

export const generationsOperations: Operations = {
  '/v1/generations': {
    post: {
      operationId: 'createGeneration',
      summary: 'Asks for pictures and is answered at once with a job to follow',
      security: create.security,
      requestParams: { header: z.object({ 'idempotency-key': idempotencyKey }) },
      requestBody: { required: true, content: { 'application/json': { schema: generationRequest, example: { prompt: 'slice of pizza', seed: 7 } } } },
      responses: { 202: { ...json(generationObject, 'Accepted; `Location` is where it is followed'), headers: z.object({ location: z.string() }) }, ...create.refusals },
    },
  },
  '/v1/generations/{id}': {
    get: {
      operationId: 'readGeneration',
      summary: 'How far a generation is, then its pictures',
      security: find.security,
      requestParams: { path: z.object({ id }), query: z.object({ response_format: z.enum(['url', 'b64_json']).optional() }) },
      responses: { 200: json(generationObject, 'The generation'), ...find.refusals },
    },
  },
  '/v1/generations/{id}/cancel': {
    post: {
      operationId: 'cancelGeneration',
      summary: 'Stops a generation at its next step',
      security: cancel.security,
      requestParams: { path: z.object({ id }) },
      responses: { 200: json(generationObject, 'The generation, `cancelled` or `cancelling`'), ...cancel.refusals },
    },
  },
};
