import { fileDeleted, fileList, fileObject, filePurposes } from '@slipstream/contracts';
import { z } from 'zod';
import { idempotencyKey, replayed } from '../generations/generations.operations.js';
import { pageQuery } from '../list-page.js';
import { json, withKey, type Operations } from '../reference/operation.js';

const requestParams = { path: z.object({ id: z.string().meta({ description: 'Of the file' }) }) };
const binary = z.string().meta({ override: { type: 'string', format: 'binary' } });
const store = ['storage_unavailable', 'storage_denied'] as const;
const upload = withKey('write', 'files_full', 'idempotency_mismatch', 'storage_full', ...store);
const list = withKey('read');
const read = withKey('read', 'file_not_found');
const content = withKey('read', 'file_not_found', ...store);
const remove = withKey('write', 'file_not_found', ...store);
const form = z.object({
  file: binary,
  purpose: z.literal('batch'),
  'expires_after[anchor]': z.literal('created_at').optional(),
  'expires_after[seconds]': z.string().optional().meta({ description: 'How long it is kept, from 3600 to 2592000; the longest if left out' }),
});

export const filesOperations: Operations = {
  '/v1/files': {
    post: {
      operationId: 'uploadFile',
      summary: 'Keeps a file of requests for a batch',
      security: upload.security,
      requestParams: { header: z.object({ 'idempotency-key': idempotencyKey }) },
      requestBody: { required: true, content: { 'multipart/form-data': { schema: form } } },
      responses: { 200: { ...json(fileObject, 'The file'), headers: replayed }, ...upload.refusals },
    },
    get: {
      operationId: 'listFiles',
      summary: 'Files that were sent, and those that batches made, the latest first',
      security: list.security,
      requestParams: { query: pageQuery.extend({ purpose: z.enum(filePurposes).optional(), order: z.enum(['asc', 'desc']).optional() }) },
      responses: { 200: json(fileList, 'A page'), ...list.refusals },
    },
  },
  '/v1/files/{id}': {
    get: { operationId: 'readFile', summary: 'What is known of a file', security: read.security, requestParams, responses: { 200: json(fileObject, 'The file'), ...read.refusals } },
    delete: { operationId: 'deleteFile', summary: 'Deletes a file', security: remove.security, requestParams, responses: { 200: json(fileDeleted, 'Gone'), ...remove.refusals } },
  },
  '/v1/files/{id}/content': {
    get: { operationId: 'downloadFile', summary: 'The bytes of a file', security: content.security, requestParams, responses: { 200: { description: 'JSON, a line each', content: { 'application/jsonl': { schema: binary } } }, ...content.refusals } },
  },
};
