import { batchList, batchObject, batchRequest } from '@slipstream/contracts';
import { z } from 'zod';
import { idempotencyKey, replayed } from '../generations/generations.operations.js';
import { pageQuery } from '../list-page.js';
import { json, withKey, type Operations } from '../reference/operation.js';

const requestParams = { path: z.object({ id: z.string().meta({ description: 'Of the batch' }) }) };
const create = withKey('write', 'file_not_found', 'batches_full', 'idempotency_mismatch');
const list = withKey('read');
const read = withKey('read', 'batch_not_found');
const cancel = withKey('write', 'batch_not_found', 'batch_settled');

export const batchesOperations: Operations = {
  '/v1/batches': {
    post: {
      operationId: 'createBatch',
      summary: 'Has the requests of a file made, behind those that somebody waits for',
      description: 'Each line of the input file is `{custom_id, method, url, body}`; each of the output file `{id, custom_id, response, error}`, in the same order.',
      security: create.security,
      requestParams: { header: z.object({ 'idempotency-key': idempotencyKey }) },
      requestBody: { required: true, content: { 'application/json': { schema: batchRequest } } },
      responses: { 200: { ...json(batchObject, 'The batch, `validating`'), headers: replayed }, ...create.refusals },
    },
    get: { operationId: 'listBatches', summary: 'Batches, the latest first', security: list.security, requestParams: { query: pageQuery }, responses: { 200: json(batchList, 'A page'), ...list.refusals } },
  },
  '/v1/batches/{id}': {
    get: { operationId: 'readBatch', summary: 'How far a batch is', security: read.security, requestParams, responses: { 200: json(batchObject, 'The batch'), ...read.refusals } },
  },
  '/v1/batches/{id}/cancel': {
    post: { operationId: 'cancelBatch', summary: 'Makes no more of a batch; what was made is in its output file', security: cancel.security, requestParams, responses: { 200: json(batchObject, 'The batch, `cancelling`'), ...cancel.refusals } },
  },
};
