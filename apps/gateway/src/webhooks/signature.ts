import { createHmac, randomBytes } from 'node:crypto';
import type { SigningSecret, WebhookEvent } from '@slipstream/contracts';

const prefix = 'whsec_';

/** A signing secret of 32 random bytes. */
export const newSecret = (): string => prefix + randomBytes(32).toString('base64');

/**
 * The headers of Standard Webhooks 1.0.0: the event's id, Unix seconds, and for every secret that is in use a signature
 * `v1,<base64 HMAC-SHA256 of id.timestamp.body>`.
 */
export function signedHeaders({ id }: Pick<WebhookEvent, 'id'>, body: string, { secrets, nowMs }: { secrets: readonly SigningSecret[]; nowMs: number }): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const inUse = secrets.filter(({ untilMs = Infinity }) => untilMs > nowMs);
  const signatures = inUse.map(({ secret }) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
