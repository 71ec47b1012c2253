import { z } from 'zod';
import { SlipstreamError } from './slipstream-error.js';
import { eventTypes, type EventType } from './webhook.js';

/** What each field must be; the words of every refusal. */
const rules: Record<string, string> = {
  url: 'must be an https address of at most 2,048 characters, without user, password or fragment',
  events: `must be a list of at least one of ${eventTypes.join(', ')}`,
  description: 'must be a text of at most 256 characters',
  status: 'must be enabled or disabled',
};

const fields = {
  url: z.string().max(2_048).refine(isCallable),
  events: z.array(z.enum(eventTypes as [EventType, ...EventType[]])).min(1).max(64).transform((types) => [...new Set(types)]),
  description: z.string().max(256),
};

/** Body of `POST /v1/webhooks`. */
const webhookRequest = z.strictObject({ ...fields, events: fields.events.default([...eventTypes]), description: fields.description.default('') });
export type WebhookRequest = z.infer<typeof webhookRequest>;

/** Body of `PATCH /v1/webhooks/{id}`: what is left out stays as it is. */
const webhookChange = z.strictObject({ ...fields, status: z.enum(['enabled', 'disabled']) }).partial();
export type WebhookChange = z.infer<typeof webhookChange>;

/** @throws SlipstreamError `invalid_request`; `param` is the first wrong field, the message names all of them */
export const parseWebhookRequest = (body: unknown): WebhookRequest => parse(webhookRequest, body);

/** @throws SlipstreamError as `parseWebhookRequest` */
export const parseWebhookChange = (body: unknown): WebhookChange => parse(webhookChange, body);

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap(faultsOf);
  throw new SlipstreamError('invalid_request', [...new Set(faults.map(({ message }) => message))].join('; '), { param: faults[0]?.param });
}

function faultsOf(issue: z.core.$ZodIssue): { param?: string; message: string }[] {
  const known = Object.keys(rules).join(', ');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ param: key.slice(0, 64), message: `${JSON.stringify(key.slice(0, 64))} is not a field; known are ${known}` }));
  const field = String(issue.path[0] ?? '');
  return [field === '' ? { message: `the body must be a JSON object with some of ${known}` } : { param: field, message: `${field} ${rules[field]}` }];
}

/** Plain http is for hosts that the operator named; who may be called at all is known at the door. */
function isCallable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}
