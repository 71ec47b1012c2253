import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { SlipstreamClient } from '@slipstream/client';
import { repositoryRoot } from '../harness/index.js';

/** Of each operation that the client has, the call that asks it; `x`, `y` are ids. */
const calls: Record<string, (client: SlipstreamClient) => Promise<unknown>> = {
  generateImages: (client) => client.images({ prompt: 'sun' }),
  createGeneration: (client) => client.submit({ prompt: 'sun' }),
  listGenerations: (client) => client.list({ limit: 1 }),
  readGeneration: (client) => client.get('x', { responseFormat: 'url' }),
  deleteGeneration: (client) => client.delete('x'),
  cancelGeneration: (client) => client.cancel('x'),
  followGeneration: (client) => client.follow('x').next(),
  downloadPicture: (client) => client.download({ url: 'http://gateway.example/v1/pictures/x/y' }),
  listModels: (client) => client.models(),
  readModel: (client) => client.model('x'),
  readFleet: (client) => client.fleet('week'),
  uploadFile: (client) => client.files.upload(new Blob(['{}'])),
  listFiles: (client) => client.files.list({ order: 'asc' }),
  readFile: (client) => client.files.get('x'),
  deleteFile: (client) => client.files.delete('x'),
  downloadFile: (client) => client.files.content('x'),
  createBatch: (client) => client.batches.create({ input_file_id: 'x' }),
  listBatches: (client) => client.batches.list(),
  readBatch: (client) => client.batches.get('x'),
  cancelBatch: (client) => client.batches.cancel('x'),
  createWebhook: (client) => client.webhooks.create({ url: 'https://example.org' }),
  listWebhooks: (client) => client.webhooks.list(),
  readWebhook: (client) => client.webhooks.get('x'),
  changeWebhook: (client) => client.webhooks.update('x', { status: 'enabled' }),
  deleteWebhook: (client) => client.webhooks.delete('x'),
  rotateWebhook: (client) => client.webhooks.rotate('x'),
  listDeliveries: (client) => client.webhooks.deliveries('x', { limit: 1 }),
  readDelivery: (client) => client.webhooks.delivery('x', 'y'),
  redeliver: (client) => client.webhooks.redeliver('x', 'y'),
  createStudy: (client) => client.studies.create({ name: 'n', prompts: ['sun'], candidates: [{ name: 'c' }], margin: 0.1 }),
  listStudies: (client) => client.studies.list(),
  readStudy: (client) => client.studies.get('x'),
  deleteStudy: (client) => client.studies.delete('x'),
  showPair: (client) => client.studies.pair('x'),
  vote: (client) => client.studies.vote('x', { pair: 'y', choice: 'tie' }),
  exportVotes: (client) => client.studies.export('x', 'csv'),
  readResults: (client) => client.studies.results('x'),
  createDataset: (client) => client.datasets.create({ prompts: ['sun'] }),
  listDatasets: (client) => client.datasets.list(),
  readDataset: (client) => client.datasets.get('x'),
  listDatasetShards: (client) => client.datasets.shards('x'),
  cancelDataset: (client) => client.datasets.cancel('x'),
  deleteDataset: (client) => client.datasets.delete('x'),
  downloadDatasetFile: (client) => client.download({ url: 'http://gateway.example/v1/datasets/x/files/y' }),
};

/** What the client leaves out. */
const exceptions: Record<string, string> = {
  home: 'for people who open the address in a browser',
  live: 'for Kubernetes',
  ready: 'for Kubernetes',
  metrics: 'for Prometheus',
  openapi: 'for makers of other clients',
  reference: 'for people',
};

const operations = new Map<string, string>();
beforeAll(async () => {
  const { apiDocument } = await import(pathToFileURL(join(repositoryRoot, 'apps/gateway/dist/reference/document.js')).href);
  for (const [path, methods] of Object.entries<Record<string, { operationId: string }>>(apiDocument.paths)) {
    for (const [method, { operationId }] of Object.entries(methods)) operations.set(operationId, `${method.toUpperCase()} ${path}`);
  }
}, 60_000);

/** The operation that a call asks. */
async function askedBy(call: (client: SlipstreamClient) => Promise<unknown>): Promise<string[]> {
  const asked: string[] = [];
  const client = new SlipstreamClient({ baseUrl: 'http://gateway.example', retries: 0, fetch: async (url, init) => {
    asked.push(`${init?.method ?? 'GET'} ${new URL(String(url)).pathname}`);
    return String(url).endsWith('/events') ? new Response(null, { status: 204 }) : Response.json({ data: [] });
  } });
  await call(client);
  return asked;
}

/** `x` and `y` for the parameters of a path, in their order. */
const filled = (operation: string): string => ['x', 'y'].reduce((path, id) => path.replace(/\{\w+\}/, id), operation);

describe('the client', () => {
  it('has each operation of the API, or a reason not to', () => {
    expect([...Object.keys(calls), ...Object.keys(exceptions)].sort()).toEqual([...operations.keys()].sort());
  });

  it.each(Object.keys(calls))('asks %s', async (operationId) => {
    expect(await askedBy(calls[operationId]!)).toEqual([filled(operations.get(operationId)!)]);
  });
});
