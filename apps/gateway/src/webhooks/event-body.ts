import type { WebhookEvent } from '@slipstream/contracts';

/**
 * What a webhook is sent: Standard Webhooks' `type`, `timestamp` and `data`, and beside them the members of OpenAI's events.
 * Thin: who wants more asks for it by the id, with a key. The same event gives the same bytes.
 */
export function eventBody({ id, type, subject, atMs }: WebhookEvent): string {
  const [object, status] = type.split('.');
  return JSON.stringify({
    id,
    object: 'event',
    type,
    timestamp: new Date(atMs).toISOString(),
    created_at: Math.floor(atMs / 1000),
    data: { id: subject, object, status },
  });
}
