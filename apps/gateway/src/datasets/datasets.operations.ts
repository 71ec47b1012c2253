import { datasetDeleted, datasetList, datasetObject, datasetRequest, datasetShardList } from '@slipstream/contracts';
import { z } from 'zod';
import { idempotencyKey, replayed } from '../generations/generations.operations.js';
import { pageQuery } from '../list-page.js';
import { json, refusals, withKey, type Operations } from '../reference/operation.js';

const requestParams = { path: z.object({ id: z.string().meta({ description: 'Of the data set' }) }) };
const create = withKey('write', 'model_not_found', 'file_not_found', 'datasets_full', 'idempotency_mismatch', 'storage_unavailable', 'storage_full');
const list = withKey('read');
const read = withKey('read', 'dataset_not_found');
const shards = withKey('read', 'dataset_not_found', 'storage_unavailable');
const cancel = withKey('write', 'dataset_not_found', 'dataset_settled');
const remove = withKey('write', 'dataset_not_found', 'dataset_unsettled', 'storage_unavailable', 'storage_denied');
const binary = { schema: z.string().meta({ override: { type: 'string', format: 'binary' } }) };

export const datasetsOperations: Operations = {
  '/v1/datasets': {
    post: {
      operationId: 'createDataset',
      summary: 'Plans a data set, says what it will take, fixes its prompts, and has workers make its shards in the rows that nobody else needs',
      security: create.security,
      requestParams: { header: z.object({ 'idempotency-key': idempotencyKey }) },
      requestBody: { required: true, content: { 'application/json': { schema: datasetRequest } } },
      responses: { 201: { ...json(datasetObject, 'The data set'), headers: replayed.extend({ location: z.string() }) }, ...create.refusals },
    },
    get: { operationId: 'listDatasets', summary: 'The latest first', security: list.security, requestParams: { query: pageQuery }, responses: { 200: json(datasetList, 'The data sets'), ...list.refusals } },
  },
  '/v1/datasets/{id}': {
    get: { operationId: 'readDataset', summary: 'How far it is, when it will be done, and its manifest and card once it is completed', security: read.security, requestParams, responses: { 200: json(datasetObject, 'The data set'), ...read.refusals } },
    delete: { operationId: 'deleteDataset', summary: 'Forgets a data set that has ended, with its files', security: remove.security, requestParams, responses: { 200: json(datasetDeleted, 'Gone'), ...remove.refusals } },
  },
  '/v1/datasets/{id}/shards': {
    get: { operationId: 'listDatasetShards', summary: 'The shards that are done, with expiring links', security: shards.security, requestParams: { ...requestParams, query: pageQuery }, responses: { 200: json(datasetShardList, 'The shards, by number'), ...shards.refusals } },
  },
  '/v1/datasets/{id}/cancel': {
    post: { operationId: 'cancelDataset', summary: 'Makes no further shard; those that are done stay', security: cancel.security, requestParams, responses: { 200: json(datasetObject, 'The data set'), ...cancel.refusals } },
  },
  '/v1/datasets/{id}/files/{file}': {
    get: {
      operationId: 'downloadDatasetFile',
      summary: 'A file of a data set by the link of an answer, where it lies in a folder; wants no key, the link is signed',
      requestParams: { path: z.object({ id: z.string(), file: z.string() }), query: z.object({ expires: z.string().meta({ description: 'Unix seconds' }), signature: z.string() }) },
      responses: { 200: { description: 'The file', content: { 'application/x-tar': binary, 'application/vnd.apache.parquet': binary, 'application/json': binary, 'text/markdown': binary } }, ...refusals('invalid_request', 'picture_link_invalid', 'picture_link_expired', 'picture_not_found', 'storage_unavailable') },
    },
  },
};
