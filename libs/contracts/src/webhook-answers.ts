import { z } from 'zod';
import { delivery, eventTypes, webhook, type EventType } from './webhook.js';

const unixSeconds = z.int().nonnegative();
const eventType = z.enum(eventTypes as [EventType, ...EventType[]]);

/** A webhook as its tenant sees it. */
export const webhookObject = z.object({
  id: z.string(),
  object: z.literal('webhook'),
  url: z.string(),
  events: z.array(eventType),
  description: z.string(),
  status: webhook.shape.status,
  disabled_reason: z.string().nullable().meta({ description: 'Where nobody asked for that' }),
  created_at: unixSeconds,
}).meta({ id: 'Webhook' });
export type WebhookObject = z.infer<typeof webhookObject>;

/** With its secret, which is shown when it is made and never again. */
export const webhookWithSecret = webhookObject.extend({ secret: z.string().meta({ description: 'Signs what is sent, by Standard Webhooks; shown this once' }) }).meta({ id: 'WebhookWithSecret' });
export type WebhookWithSecret = z.infer<typeof webhookWithSecret>;

export const webhookList = z.object({ object: z.literal('list'), data: z.array(webhookObject) }).meta({ id: 'WebhookList' });
export type WebhookList = z.infer<typeof webhookList>;

export const webhookDeleted = z.object({ id: z.string(), object: z.literal('webhook'), deleted: z.literal(true) });
export type WebhookDeleted = z.infer<typeof webhookDeleted>;

/** One event on its way to one webhook. */
export const deliveryObject = z.object({
  id: z.string(),
  object: z.literal('webhook.delivery'),
  webhook: z.string(),
  event: z.string().meta({ description: 'The `webhook-id` of every attempt' }),
  type: eventType,
  status: delivery.shape.status,
  created_at: unixSeconds,
  next_attempt_at: unixSeconds.nullable(),
  attempts: z.array(z.object({ at: unixSeconds, seconds: z.number(), status: z.int().nullable().meta({ description: 'Of the answer' }), error: z.string().nullable() })),
  body: z.string().meta({ description: 'What is sent' }),
}).meta({ id: 'Delivery' });
export type DeliveryObject = z.infer<typeof deliveryObject>;

export const deliveryList = z.object({ object: z.literal('list'), data: z.array(deliveryObject), has_more: z.boolean() }).meta({ id: 'DeliveryList' });
export type DeliveryList = z.infer<typeof deliveryList>;
