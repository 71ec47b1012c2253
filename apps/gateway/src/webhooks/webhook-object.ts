import type { Delivery, DeliveryObject, Webhook, WebhookObject, WebhookWithSecret } from '@slipstream/contracts';
import { eventBody } from './event-body.js';

/** A webhook as its tenant sees it, without its secret. */
export function webhookObject({ id, url, events, description, status, disabledReason, createdAtMs }: Webhook): WebhookObject {
  return { id, object: 'webhook', url, events, description, status, disabled_reason: disabledReason ?? null, created_at: seconds(createdAtMs) };
}

/** With the secret, which is shown when it is made and never again. */
export function webhookWithSecret(webhook: Webhook): WebhookWithSecret {
  return { ...webhookObject(webhook), secret: webhook.secrets[0]!.secret };
}

/** A delivery with all of its attempts and, as `body`, the text that is sent. */
export function deliveryObject({ id, webhook, event, status, createdAtMs, nextAttemptAtMs, attempts }: Delivery): DeliveryObject {
  return {
    id,
    object: 'webhook.delivery',
    webhook,
    event: event.id,
    type: event.type,
    status,
    created_at: seconds(createdAtMs),
    next_attempt_at: nextAttemptAtMs === undefined || status !== 'pending' ? null : seconds(nextAttemptAtMs),
    attempts: attempts.map(({ atMs, seconds: took, status: answered, fault }) => ({ at: seconds(atMs), seconds: took, status: answered ?? null, error: fault ?? null })),
    body: eventBody(event),
  };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
