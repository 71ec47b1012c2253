import { z } from 'zod';
import { SlipstreamError } from './slipstream-error.js';
import { describeKnob, knobNames, knobSchema, strategyNames, wireName } from './strategies.js';
import { lanes } from './tenant.js';

export const qualities = ['auto', 'low', 'medium', 'high', 'standard', 'hd'] as const;
export const outputFormats = ['png', 'jpeg', 'webp'] as const;

/** What each field must be; the words of every refusal. Limits are those of the OpenAI Images API where it has the field. */
const rules: Record<string, string> = {
  prompt: 'must be a text of 1 to 32,000 characters without control characters',
  model: 'must be the name of a model; GET /v1/models lists them',
  n: 'must be a whole number from 1 to 10',
  size: 'must be "auto" or WIDTHxHEIGHT, as in "64x64"',
  quality: 'must be one of auto, low, medium, high, standard, hd',
  response_format: 'must be url or b64_json',
  output_format: 'must be png, jpeg or webp',
  output_compression: 'must be a whole number from 0 to 100',
  background: 'must be transparent, opaque or auto',
  moderation: 'must be low or auto',
  style: 'must be vivid or natural',
  stream: 'must be true or false',
  partial_images: 'must be a whole number from 0 to 16',
  user: 'must be a text of at most 512 characters',
  seed: 'must be a whole number from 0 to 9007199254740991',
  cache: 'must be on or off',
  lane: 'must be interactive or batch',
  deadline: 'must be a number of seconds from 0.1 to 31536000, within which the generation must start',
  acceleration: 'must be an object with any of strategy, steps, budget, guidance, temperature and the knobs of its strategy',
  'acceleration.strategy': `must be the name of a strategy, one of ${strategyNames.join(', ')}`,
  'acceleration.steps': 'must be a whole number of at least 1',
  'acceleration.budget': 'must be a whole number of at least 1',
  'acceleration.guidance': 'must be a number from 0 to 20',
  'acceleration.temperature': 'must be a number from 0.05 to 5',
  ...Object.fromEntries(knobNames.map((knob) => [`acceleration.${wireName(knob)}`, describeKnob(knob)])),
};

/** What a field is for, where its name does not say. */
const purposes: Record<string, string> = {
  quality: 'low to high: how many of the steps are full',
  moderation: 'Accepted for compatibility, without effect',
  style: 'Accepted for compatibility, without effect',
  user: 'Accepted for compatibility, without effect',
  seed: 'Picture i has `seed + i`; the same seed, request and bundle give the same bytes. Drawn if left out',
  cache: '`off`: the picture is made anew, every step computed, and nothing of it is kept for others',
  lane: '`batch` lets interactive work go before',
  deadline: 'Otherwise it is expired',
  stream: 'Of POST /v1/images/generations alone: the answer is a stream of OpenAI’s events',
  partial_images: 'Previews of each picture on the way, for the stream or for GET /v1/generations/{id}/events',
  'acceleration.budget': 'Full steps among `steps`',
};

/** Not blank, and nothing in it that a terminal or a log would trip over. */
export const isText = (text: string) => text.trim() !== '' && !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\p{Surrogate}/u.test(text);

/** How pictures are to be made; what is left out is the bundle's choice. */
export const acceleration = z.strictObject({
  strategy: z.string().max(64).optional(),
  steps: z.int().min(1).optional(),
  budget: z.int().min(1).optional(),
  guidance: z.number().min(0).max(20).optional(),
  temperature: z.number().min(0.05).max(5).optional(),
  /** The knobs of `strategies.ts` under their wire names. */
  ...(Object.fromEntries(knobNames.map((knob) => [wireName(knob), knobSchema(knob).optional()])) as Record<string, z.ZodOptional<z.ZodType<string | number>>>),
});

/** Body of `POST /v1/images/generations` and `POST /v1/generations`: the OpenAI Images fields, `seed`, `cache` and `acceleration`. */
export const generationRequest = z.strictObject({
  prompt: z.string().max(32_000).refine(isText),
  model: z.string().min(1).max(256).optional(),
  n: z.int().min(1).max(10).default(1),
  size: z.string().max(32).default('auto'),
  quality: z.enum(qualities).default('auto'),
  response_format: z.enum(['url', 'b64_json']).default('url'),
  output_format: z.enum(outputFormats).default('png'),
  output_compression: z.int().min(0).max(100).default(100),
  background: z.enum(['transparent', 'opaque', 'auto']).default('auto'),
  moderation: z.enum(['low', 'auto']).optional(),
  style: z.enum(['vivid', 'natural']).optional(),
  user: z.string().max(512).optional(),
  stream: z.boolean().optional(),
  partial_images: z.int().min(0).max(16).optional(),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  cache: z.enum(['on', 'off']).default('on'),
  lane: z.enum(lanes).default('interactive'),
  deadline: z.number().min(0.1).max(31_536_000).optional(),
  acceleration: acceleration.optional(),
}).meta({ id: 'GenerationRequest', description: 'The fields of the OpenAI Images API, and more. A field that is null counts as left out; one that is not known is refused' });

/** What a refusal would say describes the field as well. */
for (const [within, shape] of [['', generationRequest.shape], ['acceleration.', acceleration.shape]] as const) {
  for (const [name, schema] of Object.entries(shape)) z.globalRegistry.add(schema, { description: [rules[within + name]?.replace(/^must be /, ''), purposes[within + name] ?? []].flat().join('. ') });
}

/** What a field of an `acceleration` must be, wherever that stands. */
export const accelerationRule = (path: readonly PropertyKey[]): string | undefined => rules[path.slice(path.lastIndexOf('acceleration')).join('.')];

export type GenerationRequest = z.infer<typeof generationRequest>;
/** What a client may leave out. */
export type GenerationRequestInput = z.input<typeof generationRequest>;

/**
 * Parses a body; `null` members count as left out, as OpenAI's clients send them.
 * @throws SlipstreamError `invalid_request`; `param` is the first wrong field, the message names all of them.
 */
export function parseGenerationRequest(body: unknown): GenerationRequest {
  const given = withoutNulls(body);
  const result = generationRequest.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => fieldFaults(issue, given));
  const messages = [...new Set(faults.map((fault) => fault.message))];
  throw new SlipstreamError('invalid_request', messages.join('; '), { param: faults[0]?.param });
}

function fieldFaults(issue: z.core.$ZodIssue, given: unknown): { param: string | undefined; message: string }[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(path ? `${path}.${key}` : key));
  if (path === '') return [{ param: undefined, message: 'the body must be a JSON object with at least a "prompt"' }];
  const value = issue.path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown>)?.[key], given);
  return [{ param: path, message: `${path} ${rules[path]}, got ${shown(value)}` }];
}

function unknownField(name: string) {
  const known = Object.keys(rules).filter((rule) => !rule.includes('.')).join(', ');
  return { param: name.slice(0, 64), message: `${shown(name)} is not a field; known are ${known}` };
}

function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null).map(([key, value]) => [key, key === 'acceleration' ? withoutNulls(value) : value]));
}

/** A value as JSON, short enough for a message; long texts by their length. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string' && value.length > 40) return `a text of ${value.length} characters`;
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}
