import { z } from 'zod';
import { datasetName } from './dataset-plan.js';
import { generationRequest } from './generation-request.js';
import { parseRequest } from './parse-request.js';

const { model, quality, output_format, output_compression, background, acceleration } = generationRequest.shape;
const text = z.string('must be a text').max(32_000, 'must be a text of at most 32,000 characters');
const rules = {
  prompts: 'must be a list of 1 to 50,000 texts',
  lists: 'must be an object of lists of 1 to 10,000 texts, one for each {name} of the template',
  pictures: 'must be a whole number from 1 to 10000',
  shard_size: 'must be a whole number from 1 to 10000',
  seed: 'must be a whole number from 0 to 9007199254740991',
  near_duplicates: 'must be a whole number of bits from 0 to 16',
  min_score: 'must be an object with the name of a scorer and a value in points of 100',
};

/** Body of `POST /v1/datasets`: prompts from one of `prompts`, `template` with `lists`, and `input_file_id`. */
export const datasetRequest = z.strictObject({
  name: datasetName.default('dataset'),
  prompts: z.array(text, rules.prompts).min(1, rules.prompts).max(50_000, rules.prompts).optional(),
  template: text.optional(),
  lists: z.record(z.string().max(64), z.array(text, rules.lists).min(1, rules.lists).max(10_000, rules.lists), rules.lists).optional(),
  input_file_id: z.string('must be the id of a file').max(64, 'must be the id of a file').optional().meta({ description: 'A file whose name ends with .jsonl, .csv or .parquet' }),
  pictures_per_prompt: z.int(rules.pictures).min(1, rules.pictures).max(10_000, rules.pictures).default(1),
  seed: z.int(rules.seed).min(0, rules.seed).default(0),
  shard_size: z.int(rules.shard_size).min(1, rules.shard_size).max(10_000, rules.shard_size).default(1_000),
  drop_duplicates: z.boolean('must be true or false').default(false),
  near_duplicates: z.int(rules.near_duplicates).min(0, rules.near_duplicates).max(16, rules.near_duplicates).optional(),
  min_score: z.strictObject({ scorer: z.string(rules.min_score).min(1, rules.min_score), value: z.number(rules.min_score) }, rules.min_score).optional(),
  model, quality, output_format, output_compression: output_compression.removeDefault().default(90), background, acceleration,
}).meta({ id: 'DatasetRequest' });
export type DatasetRequest = z.infer<typeof datasetRequest>;
export type DatasetRequestInput = z.input<typeof datasetRequest>;

/** @throws SlipstreamError `invalid_request` */
export const parseDatasetRequest = (body: unknown): DatasetRequest => parseRequest(datasetRequest, body);
