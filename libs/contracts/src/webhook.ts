import { z } from 'zod';
import { batchEnds } from './batch.js';
import { datasetEnds } from './dataset-record.js';
import { isSettled, generationStatuses, type GenerationStatus } from './generation-record.js';
import { tenantId } from './tenant.js';

type Settled = Exclude<GenerationStatus, 'queued' | 'in_progress' | 'cancelling'>;

/** What a webhook can be told of: that a generation, a batch or a data set ended, and how. */
export const eventTypes = [
  ...generationStatuses.filter((status): status is Settled => isSettled(status)).map((status) => `generation.${status}` as const),
  ...batchEnds.map((status) => `batch.${status}` as const),
  ...datasetEnds.map((status) => `dataset.${status}` as const),
];
export type EventType = (typeof eventTypes)[number];

const timeMs = z.int().nonnegative();
const eventType = z.enum(eventTypes as [EventType, ...EventType[]]);

/** Something that happened to what a tenant owns. */
export const webhookEvent = z.object({
  /** `evt_…`, the same however often it is sent, and to however many webhooks: a receiver knows by it what it has seen. */
  id: z.string(),
  type: eventType,
  tenant: tenantId,
  /** Id of what it happened to. */
  subject: z.string(),
  atMs: timeMs,
});
export type WebhookEvent = z.infer<typeof webhookEvent>;

/** A key of a webhook's signatures: `whsec_` and base64. One that was replaced signs on, beside the new one, until its time is up. */
const signingSecret = z.object({ secret: z.string(), untilMs: timeMs.optional() });
export type SigningSecret = z.infer<typeof signingSecret>;

/** An address that a tenant wants to be told at. */
export const webhook = z.object({
  /** `wh_…` */
  id: z.string(),
  tenant: tenantId,
  url: z.string(),
  events: z.array(eventType).min(1),
  description: z.string(),
  status: z.enum(['enabled', 'disabled']),
  /** Why it was disabled, where nobody asked for that. */
  disabledReason: z.string().optional(),
  createdAtMs: timeMs,
  /** The newest first. */
  secrets: z.array(signingSecret).min(1),
});
export type Webhook = z.infer<typeof webhook>;

/** One request that was made to a webhook. */
export const deliveryAttempt = z.object({
  atMs: timeMs,
  /** Until the answer, or the fault. */
  seconds: z.number().nonnegative(),
  /** HTTP status of the answer. */
  status: z.int().optional(),
  /** Why it failed, in words. */
  fault: z.string().optional(),
});
export type DeliveryAttempt = z.infer<typeof deliveryAttempt>;

/** One event on its way to one webhook. */
export const delivery = z.object({
  /** `dlv_…` */
  id: z.string(),
  webhook: z.string(),
  event: webhookEvent,
  status: z.enum(['pending', 'delivered', 'failed']),
  createdAtMs: timeMs,
  /** Of one that is pending and was tried before. */
  nextAttemptAtMs: timeMs.optional(),
  attempts: z.array(deliveryAttempt),
  /** Times that it was begun: 1, and one more for each redelivery. */
  turn: z.int().positive(),
  /** Attempts in this turn. */
  tries: z.int().nonnegative(),
});
export type Delivery = z.infer<typeof delivery>;
export type DeliveryStatus = Delivery['status'];
