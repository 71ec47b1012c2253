import { z } from 'zod';
import { expiresAfter } from './file.js';
import { parseRequest } from './parse-request.js';
import { tenantId } from './tenant.js';

/** OpenAI's. The last four are ends. */
export const batchStatuses = ['validating', 'in_progress', 'finalizing', 'cancelling', 'completed', 'failed', 'expired', 'cancelled'] as const;
export type BatchStatus = (typeof batchStatuses)[number];
export const batchEnds = ['completed', 'failed', 'expired', 'cancelled'] as const;
export type BatchEnd = (typeof batchEnds)[number];
export const hasEnded = (status: BatchStatus): status is BatchEnd => (batchEnds as readonly string[]).includes(status);

/** Requests of one batch. */
export const mostBatchLines = 50_000;

export const batchEndpoint = '/v1/images/generations';
const metadataRule = 'must be an object of at most 16 texts, names of at most 64 characters and values of at most 512';

/** Body of `POST /v1/batches`; a member that is null counts as left out. */
export const batchRequest = z.strictObject({
  input_file_id: z.string('must be the id of a file').min(1, 'must be the id of a file').max(128, 'must be the id of a file'),
  endpoint: z.literal(batchEndpoint, `must be ${batchEndpoint}`),
  completion_window: z.literal('24h', 'must be 24h'),
  metadata: z.record(z.string().max(64, metadataRule), z.string(metadataRule).max(512, metadataRule), metadataRule).refine((given) => Object.keys(given).length <= 16, metadataRule).nullish(),
  output_expires_after: expiresAfter.nullish(),
}).meta({ id: 'BatchRequest' });
export type BatchRequest = z.infer<typeof batchRequest>;

/** @throws SlipstreamError `invalid_request` */
export const parseBatchRequest = (body: unknown): BatchRequest => parseRequest(batchRequest, body);

const timeMs = z.int().nonnegative();

/** What a batch was made with; it never changes. */
export const batchOrder = z.object({
  /** `batch_…` */
  id: z.string(),
  tenant: tenantId,
  inputFile: z.string(),
  endpoint: z.string(),
  completionWindow: z.string(),
  metadata: z.record(z.string(), z.string()).nullable(),
  model: z.string(),
  createdAtMs: timeMs,
  /** What has not been made by then is not made. */
  expiresAtMs: timeMs,
  /** Life of its output files. */
  outputSeconds: z.int().positive(),
  /** The tenant's when it was made. */
  limits: z.object({ requestsPerMinute: z.number().positive(), pictures: z.number().positive() }),
});
export type BatchOrder = z.infer<typeof batchOrder>;

/** A line that is no request, so that no request of its file is made. */
export const batchFault = z.object({ code: z.string(), line: z.int().nullable().meta({ description: 'Of the input file, from 1' }), message: z.string(), param: z.string().nullable() });
export type BatchFault = z.infer<typeof batchFault>;

const counts = z.object({ total: z.int(), completed: z.int(), failed: z.int() });

/** A batch as far as it is. */
export const batchRecord = batchOrder.extend({
  status: z.enum(batchStatuses),
  /** When it became what it is or was. */
  atMs: z.partialRecord(z.enum(batchStatuses), timeMs),
  counts,
  /** Tokens of what was made. */
  tokens: z.object({ input: z.int(), output: z.int() }),
  /** Lines whose results are kept, and the bytes that they take in the input file. */
  done: z.object({ lines: z.int(), bytes: z.int() }),
  /** How it will end, once what there is of results is in its files. */
  ending: z.enum(batchEnds).optional(),
  outputFile: z.string().optional(),
  errorFile: z.string().optional(),
  faults: z.array(batchFault).optional(),
});
export type BatchRecord = z.infer<typeof batchRecord>;

const time = z.int().nullable();

/** A batch as OpenAI shows one. */
export const batchObject = z.object({
  id: z.string(),
  object: z.literal('batch'),
  endpoint: z.string(),
  model: z.string(),
  errors: z.object({ object: z.literal('list'), data: z.array(batchFault) }).nullable(),
  input_file_id: z.string(),
  completion_window: z.string(),
  status: z.enum(batchStatuses),
  output_file_id: z.string().nullable(),
  error_file_id: z.string().nullable(),
  created_at: z.int(),
  in_progress_at: time,
  expires_at: z.int(),
  finalizing_at: time,
  completed_at: time,
  failed_at: time,
  expired_at: time,
  cancelling_at: time,
  cancelled_at: time,
  request_counts: counts.meta({ description: 'Of the lines so far; `failed` are those in the error file' }),
  usage: z.object({
    input_tokens: z.int(),
    input_tokens_details: z.object({ cached_tokens: z.int() }),
    output_tokens: z.int(),
    output_tokens_details: z.object({ reasoning_tokens: z.int() }),
    total_tokens: z.int(),
  }),
  metadata: z.record(z.string(), z.string()).nullable(),
}).meta({ id: 'Batch' });
export type BatchObject = z.infer<typeof batchObject>;

export const batchList = z.object({
  object: z.literal('list'),
  data: z.array(batchObject),
  first_id: z.string().nullable(),
  last_id: z.string().nullable().meta({ description: 'What the next page comes `after`' }),
  has_more: z.boolean(),
}).meta({ id: 'BatchList' });
export type BatchList = z.infer<typeof batchList>;
