import { deliveryList, deliveryObject, webhookChange, webhookDeleted, webhookList, webhookObject, webhookRequest, webhookWithSecret } from '@slipstream/contracts';
import { z } from 'zod';
import { pageQuery } from '../list-page.js';
import { json, withKey, type Operations } from '../reference/operation.js';

const id = z.string().meta({ description: 'Of the webhook' });
const requestParams = { path: z.object({ id }) };
const one = { path: z.object({ id, delivery: z.string() }) };
const create = withKey('write', 'webhooks_full');
const change = withKey('write', 'webhook_not_found');
const list = withKey('read');
const read = withKey('read', 'webhook_not_found');
const write = withKey('write', 'webhook_not_found');
const [readOne, writeOne] = [withKey('read', 'webhook_not_found', 'delivery_not_found'), withKey('write', 'webhook_not_found', 'delivery_not_found')];
const bodyOf = (schema: z.ZodType) => ({ required: true, content: { 'application/json': { schema } } });

export const webhooksOperations: Operations = {
  '/v1/webhooks': {
    post: {
      operationId: 'createWebhook',
      summary: 'Names an address that is told when generations, batches and data sets end, by Standard Webhooks',
      security: create.security,
      requestBody: bodyOf(webhookRequest),
      responses: { 201: { ...json(webhookWithSecret, 'The webhook, with its secret this once'), headers: z.object({ location: z.string() }) }, ...create.refusals },
    },
    get: { operationId: 'listWebhooks', summary: 'All of them, the oldest first', security: list.security, responses: { 200: json(webhookList, 'The webhooks'), ...list.refusals } },
  },
  '/v1/webhooks/{id}': {
    get: { operationId: 'readWebhook', summary: 'One webhook', security: read.security, requestParams, responses: { 200: json(webhookObject, 'The webhook'), ...read.refusals } },
    patch: {
      operationId: 'changeWebhook',
      summary: 'Changes what is given, or enables it again',
      security: change.security,
      requestParams,
      requestBody: bodyOf(webhookChange),
      responses: { 200: json(webhookObject, 'The webhook'), ...change.refusals },
    },
    delete: { operationId: 'deleteWebhook', summary: 'Tells it nothing more', security: write.security, requestParams, responses: { 200: json(webhookDeleted, 'Gone'), ...write.refusals } },
  },
  '/v1/webhooks/{id}/rotate': {
    post: { operationId: 'rotateWebhook', summary: 'A new secret; the one before signs beside it for a day', security: write.security, requestParams, responses: { 200: json(webhookWithSecret, 'The webhook, with its new secret this once'), ...write.refusals } },
  },
  '/v1/webhooks/{id}/deliveries': {
    get: { operationId: 'listDeliveries', summary: 'What became of each event, the latest first', security: read.security, requestParams: { ...requestParams, query: pageQuery }, responses: { 200: json(deliveryList, 'The deliveries'), ...read.refusals } },
  },
  '/v1/webhooks/{id}/deliveries/{delivery}': {
    get: { operationId: 'readDelivery', summary: 'One delivery with its attempts', security: readOne.security, requestParams: one, responses: { 200: json(deliveryObject, 'The delivery'), ...readOne.refusals } },
  },
  '/v1/webhooks/{id}/deliveries/{delivery}/redeliver': {
    post: { operationId: 'redeliver', summary: 'Sends it again now, under the same id', security: writeOne.security, requestParams: one, responses: { 202: json(deliveryObject, 'The delivery, pending'), ...writeOne.refusals } },
  },
};
