import { z } from 'zod';
import { generationStatuses } from './generation-record.js';
import { outputFormats, qualities } from './generation-request.js';
import { provenance } from './provenance.js';
import { errorReport } from './slipstream-error.js';
import { stepMap } from './step-map.js';
import { strategyNames } from './strategies.js';

const unixSeconds = z.int().nonnegative();
const sizeOnWire = z.string().meta({ description: '`WIDTHxHEIGHT`' });

/** One picture of an answer, as the request's `response_format` has it. */
export const pictureDatum = z
  .union([z.object({ url: z.url().meta({ description: 'Expires; reading the generation again gives a new one' }) }), z.object({ b64_json: z.string().meta({ contentEncoding: 'base64' }) })])
  .meta({ id: 'PictureDatum', description: 'One picture, by address or inline' });
export type PictureDatum = z.infer<typeof pictureDatum>;

/** OpenAI's `usage`. */
const usage = z.object({
  input_tokens: z.int(),
  input_tokens_details: z.object({ text_tokens: z.int(), image_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.object({ text_tokens: z.int(), image_tokens: z.int() }),
  total_tokens: z.int(),
});
export type Usage = z.infer<typeof usage>;

/** A generation as `/v1/generations` shows it. */
export const generationObject = z.object({
  id: z.string(),
  object: z.literal('generation'),
  status: z.enum(generationStatuses),
  progress: z.int().min(0).max(100).meta({ description: 'Percent' }),
  step: z.int().nonnegative().meta({ description: 'The step last finished by the slowest of its pictures' }),
  steps: z.int().positive(),
  step_map: stepMap.nullable().meta({ description: 'Of the steps that the first picture has done' }),
  step_counts: z.object({ full: z.int().nonnegative(), shortcut: z.int().nonnegative(), partial: z.int().nonnegative() }).nullable().meta({ description: 'Steps that the first picture has done, by what they were sampled from' }),
  created_at: unixSeconds.nullable(),
  started_at: unixSeconds.nullable(),
  completed_at: unixSeconds.nullable().meta({ description: 'When it ended, however it ended' }),
  expires_at: unixSeconds.nullable().meta({ description: 'When it may be gone' }),
  model: z.string(),
  prompt: z.string(),
  n: z.int(),
  seed: z.int().nonnegative().meta({ description: 'Picture i has `seed + i`' }),
  size: sizeOnWire,
  output_format: z.enum(outputFormats),
  output_compression: z.int().meta({ description: 'Quality of jpeg and webp' }),
  background: z.enum(['transparent', 'opaque']),
  acceleration: z
    .looseObject({
      strategy: z.enum(strategyNames),
      steps: z.int(),
      budget: z.int().meta({ description: 'Full steps among `steps`, at most' }),
      guidance: z.number(),
      temperature: z.number(),
      fallback: provenance.shape.fallback,
    })
    .meta({ description: 'What was chosen, with the knobs of the strategy' }),
  data: z.array(pictureDatum).nullable().meta({ description: 'null until it is completed' }),
  usage: usage.nullable(),
  slipstream: provenance.nullable(),
  error: errorReport.extend({ param: z.string().nullable() }).nullable().meta({ description: 'Of a failed generation' }),
}).meta({ id: 'Generation' });
export type GenerationObject = z.infer<typeof generationObject>;

/** Generations, the latest first. */
export const generationList = z.object({
  object: z.literal('list'),
  data: z.array(generationObject),
  first_id: z.string().nullable(),
  last_id: z.string().nullable().meta({ description: 'What the next page comes `after`' }),
  has_more: z.boolean(),
}).meta({ id: 'GenerationList' });
export type GenerationList = z.infer<typeof generationList>;

export const generationDeleted = z.object({ id: z.string(), object: z.literal('generation'), deleted: z.literal(true) });
export type GenerationDeleted = z.infer<typeof generationDeleted>;

/** What `POST /v1/images/generations` answers to who waited: OpenAI's members, `id` and `slipstream`. */
export const imagesAnswer = z.object({
  created: unixSeconds,
  data: z.array(pictureDatum),
  output_format: z.enum(outputFormats),
  size: sizeOnWire,
  quality: z.enum(qualities),
  background: z.enum(['transparent', 'opaque']),
  usage,
  id: z.string().meta({ description: 'Of the generation; GET /v1/generations/{id} shows it' }),
  slipstream: provenance.optional(),
}).meta({ id: 'Images' });
export type ImagesAnswer = z.infer<typeof imagesAnswer>;

/** A number has a range, a word a list of values. */
const knob = z.object({
  default: z.union([z.string(), z.number()]),
  min: z.number().optional(),
  max: z.number().optional(),
  whole: z.boolean().optional(),
  values: z.array(z.string()).readonly().optional(),
});

/** A model as OpenAI shows one, with its limits and defaults under `slipstream`. */
export const modelObject = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  slipstream: z.object({
    bundle: z.string().meta({ description: 'SHA-256 of the bundle’s manifest' }),
    description: z.string(),
    limits: z.object({
      size: z.array(z.string()),
      n: z.object({ min: z.int(), max: z.int() }),
      prompt: z.object({ max_characters: z.int(), max_tokens: z.int().optional().meta({ description: 'Where a prompt must fit into a context: tokens that it may have' }), classes: z.int().optional().meta({ description: 'Where a prompt is the number of a class: how many there are' }) }),
      strategies: z.record(z.string(), z.object({
        budget: z.boolean().meta({ description: 'Whether it has a budget' }),
        one_step: z.boolean(),
        knobs: z.record(z.string(), knob),
      })),
      steps: z.object({ min: z.int(), max: z.int() }),
      budget: z.object({ min: z.int(), max: z.literal('steps') }),
    }),
    defaults: z.looseObject({ strategy: z.enum(strategyNames), steps: z.int(), budget: z.int(), guidance: z.number(), temperature: z.number() }),
    licences: z.array(z.record(z.string(), z.string())),
  }),
}).meta({ id: 'Model' });
export type ModelObject = z.infer<typeof modelObject>;

export const modelList = z.object({ object: z.literal('list'), data: z.array(modelObject) }).meta({ id: 'ModelList' });
export type ModelList = z.infer<typeof modelList>;
