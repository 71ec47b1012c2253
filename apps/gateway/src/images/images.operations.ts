import { generationObject, generationRequest, imagesAnswer } from '@slipstream/contracts';
import { z } from 'zod';
import { admitted, eventText, followed, idempotencyKey, prefer } from '../generations/generations.operations.js';
import { json, withKey, type Operations } from '../reference/operation.js';

const { security, refusals } = withKey(
  'write', 'model_not_found', 'idempotency_mismatch', 'rate_limited', 'quota_exceeded', 'overloaded',
  'generation_cancelled', 'generation_expired', 'worker_lost', 'engine_failed', 'storage_unavailable', 'storage_denied', 'storage_full',
);

export const imagesOperations: Operations = {
  '/v1/images/generations': {
    post: {
      operationId: 'generateImages',
      summary: 'A prompt in, pictures out; compatible with the OpenAI Images API',
      security,
      requestParams: {
        header: z.object({ 'idempotency-key': idempotencyKey, prefer }),
      },
      requestBody: { required: true, content: { 'application/json': { schema: generationRequest, example: { prompt: 'slice of pizza', seed: 7 } } } },
      responses: {
        200: { headers: admitted.extend({ 'preference-applied': followed.shape['preference-applied'] }), description: 'The pictures; with `stream`, OpenAI’s events `image_generation.partial_image` and `image_generation.completed`', content: { 'application/json': { schema: imagesAnswer }, 'text/event-stream': eventText } },
        202: { ...json(generationObject, 'Not ready in time: the job that goes on; `Location` is where it is followed'), headers: followed },
        ...refusals,
      },
    },
  },
};
