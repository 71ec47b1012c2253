import { generationDeleted, generationList, generationObject, generationRequest, generationStatuses } from '@slipstream/contracts';
import { z } from 'zod';
import { pageQuery } from '../list-page.js';
import { json, withKey, type Operations } from '../reference/operation.js';

const id = z.string().meta({ description: 'Of the generation' });
export const prefer = z.string().optional().meta({ description: '`wait=n`: waits n seconds at most, `wait`: as long as this server lets a client wait; `respond-async`: does not wait. `Preference-Applied` tells what was done', example: 'wait=10' });
/** Of an answer to a request with a key. */
export const replayed = z.object({ 'idempotent-replayed': z.literal('true').optional().meta({ description: 'It was made before, by a request with the same `Idempotency-Key`' }) });
/** Of an answer that is about a generation which was asked for just now, or with the same key before. */
export const admitted = replayed.extend({
  'ratelimit-policy': z.string().optional().meta({ description: 'Requests that may come at once, and in a minute' }),
  ratelimit: z.string().optional().meta({ description: 'Those that may come still, and seconds until all may again. The same in `x-ratelimit-…`, as OpenAI’s clients read it' }),
  'x-ratelimit-limit-requests': z.string().optional(),
  'x-ratelimit-remaining-requests': z.string().optional(),
  'x-ratelimit-reset-requests': z.string().optional(),
});
export const followed = admitted.extend({ location: z.string(), 'preference-applied': z.string().optional() });
export const idempotencyKey = z.string().optional().meta({ description: 'The client’s own name for this request; sent again with the same body it brings what that made before' });
const create = withKey('write', 'model_not_found', 'idempotency_mismatch', 'rate_limited', 'quota_exceeded', 'overloaded');
const find = withKey('read', 'generation_not_found', 'generation_expired', 'storage_unavailable');
const list = withKey('read', 'storage_unavailable');
const remove = withKey('write', 'generation_not_found', 'generation_expired', 'generation_unsettled', 'storage_unavailable');
const follow = withKey('read', 'generation_not_found', 'generation_expired');
export const eventText = {
  schema: z.object({ event: z.string(), id: z.string().optional(), data: z.string().meta({ contentMediaType: 'application/json' }) }).meta({ id: 'ServerSentEvent', description: 'One of the server-sent events' }),
};
const sought = z.string().optional().meta({ description: 'What the prompt has in it, in upper or lower case: 1 to 256 characters. A page looks at 2,000 generations at most' });
const time = z.string().optional().meta({ description: 'Unix seconds' });
const cancel = withKey('write', 'generation_not_found', 'generation_expired', 'generation_settled');

export const generationsOperations: Operations = {
  '/v1/generations': {
    post: {
      operationId: 'createGeneration',
      summary: 'Asks for pictures and is answered at once with a job to follow, or when it has ended',
      security: create.security,
      requestParams: { header: z.object({ 'idempotency-key': idempotencyKey, prefer }) },
      requestBody: { required: true, content: { 'application/json': { schema: generationRequest, example: { prompt: 'slice of pizza', seed: 7 } } } },
      responses: {
        200: { ...json(generationObject, 'With `Prefer: wait=n`: it has ended, however it did'), headers: followed },
        202: { ...json(generationObject, 'Accepted; `Location` is where it is followed'), headers: followed },
        ...create.refusals,
      },
    },
    get: {
      operationId: 'listGenerations',
      summary: 'What was asked for lately, the latest first',
      security: list.security,
      requestParams: { query: pageQuery.extend({ status: z.enum(generationStatuses).optional(), prompt: sought, created_after: time, created_before: time }) },
      responses: { 200: json(generationList, 'A page; of what is rare it may be short and not the last'), ...list.refusals },
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
    delete: {
      operationId: 'deleteGeneration',
      summary: 'Forgets a generation that has ended, with its pictures',
      security: remove.security,
      requestParams: { path: z.object({ id }) },
      responses: { 200: json(generationDeleted, 'Gone'), ...remove.refusals },
    },
  },
  '/v1/generations/{id}/events': {
    get: {
      operationId: 'followGeneration',
      summary: 'Tells where a generation is, whenever that has changed, until it has ended',
      description: '`generation.state` holds the generation; `generation.preview` a preview of a picture, where the request asked for `partial_images`, with a 1 in `masked` for each token of the `grid`, line by line, that is a guess as yet. What a reader is too slow for is left out.',
      security: follow.security,
      requestParams: { path: z.object({ id }), header: z.object({ 'last-event-id': z.string().optional().meta({ description: 'Of the last event seen: only what is different since is told' }) }) },
      responses: { 200: { description: 'The events', content: { 'text/event-stream': eventText } }, 204: { description: 'It has ended, and that was seen' }, ...follow.refusals },
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
