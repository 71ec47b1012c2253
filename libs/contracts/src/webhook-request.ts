import { z } from 'zod';
import { parseRequest } from './parse-request.js';
import { eventTypes, type EventType } from './webhook.js';

/** What each field must be; the words of every refusal. */
const rules = {
  url: 'must be an https address of at most 2,048 characters, without user, password or fragment',
  events: `must be a list of at least one of ${eventTypes.join(', ')}`,
  description: 'must be a text of at most 256 characters',
  status: 'must be enabled or disabled',
};

const url = z.string(rules.url).max(2_048, rules.url).refine(isCallable, rules.url);
const events = z.array(z.enum(eventTypes as [EventType, ...EventType[]], rules.events), rules.events).min(1, rules.events).max(64, rules.events).transform((types) => [...new Set(types)]);
const description = z.string(rules.description).max(256, rules.description);

/** Body of `POST /v1/webhooks`. */
export const webhookRequest = z.strictObject({ url, events: events.default([...eventTypes]).meta({ description: 'What it is told of, by default all. A line of a batch is a generation too: name `batch.…` alone where 50,000 lines are not to be 50,000 events' }), description: description.default('') }).meta({ id: 'WebhookRequest' });
export type WebhookRequest = z.infer<typeof webhookRequest>;
export type WebhookRequestInput = z.input<typeof webhookRequest>;

/** Body of `PATCH /v1/webhooks/{id}`: what is left out stays as it is. */
export const webhookChange = z.strictObject({ url, events, description, status: z.enum(['enabled', 'disabled'], rules.status) }).partial().meta({ id: 'WebhookChange' });
export type WebhookChange = z.infer<typeof webhookChange>;

/** @throws SlipstreamError `invalid_request` */
export const parseWebhookRequest = (body: unknown): WebhookRequest => parseRequest(webhookRequest, body);
/** @throws SlipstreamError `invalid_request` */
export const parseWebhookChange = (body: unknown): WebhookChange => parseRequest(webhookChange, body);

/** Plain http is for hosts that the operator named; who may be called at all is known at the door. */
function isCallable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}
