import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, eventually, ownService, startLockedGateway, type Answer, type Question } from '../harness/index.js';
import { Judge, operationsOf, type Documented } from './documented.js';

const service = ownService('reference', { start: startLockedGateway, env: { BODY_LIMIT_BYTES: '50000', WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' } });
let document: Documented & { openapi: string };
let judge: Judge;
let key: string;

beforeAll(async () => {
  document = (await ask(`${service.url}/openapi.json`)).body;
  judge = new Judge(document);
  ({ key } = await service.gateway.key());
});

/** Asks an operation at a path of its kind and holds the answer to the document. */
async function call(operation: string, path = operation.split(' ')[1]!, { headers, ...question }: Question = {}): Promise<Answer> {
  const answer = await ask(service.url + path, { method: operation.split(' ')[0]!, ...question, headers: { authorization: `Bearer ${key}`, ...headers } });
  expect(judge.faults(operation, answer)).toEqual([]);
  return answer;
}

const create = (json: object = {}): Promise<Answer> => call('POST /v1/generations', undefined, { json: { prompt: 'pizza', ...json } });
/** The data of the server-sent events of a text. */
const dataOf = (text: string): { type: string }[] => [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!));
const nobody = `gen_${'z'.repeat(32)}`;

describe('/openapi.json', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document) as object as Record<string, unknown>);
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  it('describes the answers of every operation as they are', async () => {
    const worker = await service.worker();
    await worker.ready(100_000);
    for (const path of ['/', '/livez', '/readyz', '/metrics', '/openapi.json', '/reference', '/v1/models', '/v1/fleet']) await call(`GET ${path}`);
    await call('GET /v1/models/{id}', '/v1/models/tiny');
    const { body: queued } = await create({ n: 2 });
    const read = () => call('GET /v1/generations/{id}', `/v1/generations/${queued.id}`);
    const { body: done } = await eventually(async () => { const answer = await read(); return answer.body.status === 'completed' && answer; }, { what: 'it is completed' });
    const picture = new URL(done.data[0].url);
    await call('GET /v1/pictures/{generation}/{file}', picture.pathname + picture.search);
    await call('GET /v1/generations/{id}', `/v1/generations/${queued.id}?response_format=b64_json`);
    const images = (json: object, headers = {}) => call('POST /v1/images/generations', undefined, { json: { prompt: 'pizza', ...json }, headers });
    for (const json of [{}, { response_format: 'b64_json' }, { acceleration: { strategy: 'vanilla' } }, { quality: 'high', output_format: 'webp' }]) expect((await images(json)).status).toBe(200);
    expect((await images({}, { prefer: 'respond-async' })).status).toBe(202);
    const events = dataOf((await images({ stream: true, partial_images: 2, cache: 'off' })).body);
    expect(events.map((event) => judge.faultsOf('ImageEvent', event)).flat()).toEqual([]);
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['image_generation.partial_image', 'image_generation.completed']));
    await callStudies();
    expect((await call('POST /v1/generations', undefined, { json: { prompt: 'pizza' }, headers: { prefer: 'wait=50' } })).status).toBe(200);
    await callDatasets();
    await worker.stop('SIGKILL');
    const { body: hook } = await call('POST /v1/webhooks', undefined, { json: { url: 'http://127.0.0.1:9/nobody' } });
    const { body: waiting } = await create();
    await call('POST /v1/generations/{id}/cancel', `/v1/generations/${waiting.id}/cancel`);
    await call('GET /v1/generations');
    const { body: told } = await call('GET /v1/generations/{id}/events', `/v1/generations/${waiting.id}/events`);
    await call('GET /v1/generations/{id}/events', `/v1/generations/${waiting.id}/events`, { headers: { 'last-event-id': /id: (\S+)/.exec(told)![1]! } });
    await call('DELETE /v1/generations/{id}', `/v1/generations/${waiting.id}`);
    await callWebhooks(hook.id);
    await callFiles();
    const successes = operationsOf(document).flatMap(({ name, statuses }) => statuses.filter((status) => status.startsWith('2')).map((status) => `${name} ${status}`));
    expect([...judge.seen].filter((each) => / 2\d\d$/.test(each)).sort()).toEqual(successes.sort());
  }, 120_000);

  async function callWebhooks(id: string): Promise<void> {
    const [path, base] = ['/v1/webhooks/{id}', `/v1/webhooks/${id}`];
    await call('GET /v1/webhooks');
    await call(`GET ${path}`, base);
    await call(`PATCH ${path}`, base, { json: { description: 'mine' } });
    await call(`POST ${path}/rotate`, `${base}/rotate`);
    const tried = () => call(`GET ${path}/deliveries`, `${base}/deliveries`);
    const { body } = await eventually(async () => { const answer = await tried(); return answer.body.data[0]?.attempts.length > 0 && answer; }, { what: 'a delivery was tried' });
    const delivery = `${base}/deliveries/${body.data[0].id}`;
    await call(`GET ${path}/deliveries/{delivery}`, delivery);
    await call(`POST ${path}/deliveries/{delivery}/redeliver`, `${delivery}/redeliver`);
    await call(`DELETE ${path}`, base);
  }

  async function callDatasets(): Promise<void> {
    const { body: dataset } = await call('POST /v1/datasets', undefined, { json: { prompts: ['pizza'] } });
    const base = `/v1/datasets/${dataset.id}`;
    await eventually(async () => (await call('GET /v1/datasets/{id}', base)).body.status === 'completed', { what: 'the data set is completed' });
    const { body: shards } = await call('GET /v1/datasets/{id}/shards', `${base}/shards`);
    const tar = new URL(shards.data[0].tar.url);
    await call('GET /v1/datasets/{id}/files/{file}', tar.pathname + tar.search);
    await call('GET /v1/datasets');
    const { body: other } = await call('POST /v1/datasets', undefined, { json: { prompts: ['pizza'], pictures_per_prompt: 10_000 } });
    await call('POST /v1/datasets/{id}/cancel', `/v1/datasets/${other.id}/cancel`);
    await call('DELETE /v1/datasets/{id}', `/v1/datasets/${other.id}`); // in a moment
    await call('DELETE /v1/datasets/{id}', base);
  }

  async function callFiles(): Promise<void> {
    const part = (name: string, text: string): string => `--x\r\ncontent-disposition: form-data; name=${name}\r\n\r\n${text}\r\n`;
    const requests = Array.from({ length: 1_000 }, (_, index) => JSON.stringify({ custom_id: `${index}`, method: 'POST', url: '/v1/images/generations', body: {} }));
    const raw = `${part('purpose', 'batch')}${part('file; filename=f.jsonl', requests.join('\n'))}--x--\r\n`;
    const { body: file } = await call('POST /v1/files', undefined, { raw, headers: { 'content-type': 'multipart/form-data; boundary=x' } });
    await call('GET /v1/files');
    await call('GET /v1/files/{id}', `/v1/files/${file.id}`);
    await call('GET /v1/files/{id}/content', `/v1/files/${file.id}/content`);
    const { body: batch } = await call('POST /v1/batches', undefined, { json: { input_file_id: file.id, endpoint: '/v1/images/generations', completion_window: '24h' } });
    await call('POST /v1/batches/{id}/cancel', `/v1/batches/${batch.id}/cancel`);
    await call('GET /v1/batches');
    await call('GET /v1/batches/{id}', `/v1/batches/${batch.id}`);
    await call('DELETE /v1/files/{id}', `/v1/files/${file.id}`);
  }

  async function callStudies(): Promise<void> {
    const { body: study } = await call('POST /v1/studies', undefined, { json: { name: 'one', prompts: ['pizza'], candidates: [{ name: 'fast', acceleration: { strategy: 'shortcut' } }], margin: 0.1, votes_wanted: 1 } });
    const [path, base] = ['/v1/studies/{id}', `/v1/studies/${study.id}`];
    for (const each of ['', '/results', '/votes']) await call(`GET ${path}${each}`, base + each);
    await call('GET /v1/studies');
    const show = () => call(`POST ${path}/pairs`, `${base}/pairs`, { method: 'POST' });
    const { body: pair } = await eventually(async () => { const answer = await show(); return answer.body.status === 'ready' && answer; }, { what: 'a pair is ready' });
    const vote = () => call(`POST ${path}/votes`, `${base}/votes`, { json: { pair: pair.id, choice: 'tie' } });
    expect([(await vote()).status, (await vote()).status]).toEqual([201, 409]);
    expect((await show()).body.status).toBe('completed');
    for (const each of ['/results', '/votes', '/votes?format=csv']) await call(`GET ${path}${each.split('?')[0]}`, base + each);
    await call(`DELETE ${path}`, base);
  }

  it('would be found out if it did not', () => {
    const answer = { status: 200, headers: new Headers({ 'content-type': 'application/json' }), body: { object: 'list', data: [{ id: 7 }], extra: 1 } };
    expect(judge.faults('GET /v1/models', answer)).toEqual(expect.arrayContaining([expect.stringMatching(/data\/0\/id must be string/), expect.stringMatching(/additional properties/)]));
    expect(judge.faults('GET /v1/models', { ...answer, status: 418 })).toEqual([expect.stringMatching(/418 is not documented/)]);
  });

  it('describes the refusals as they are', async () => {
    const reader = await service.gateway.key({ scopes: ['read'] });
    const refusals: [operation: string, path: string | undefined, question: Question, status: number][] = [
      ['GET /v1/models', undefined, { headers: { authorization: '' } }, 401],
      ['GET /v1/models', undefined, { headers: { cookie: 'x'.repeat(20_000) } }, 431],
      ['POST /v1/generations', undefined, { json: { prompt: 'pizza' }, headers: { authorization: `Bearer ${reader.key}` } }, 403],
      ['POST /v1/generations', undefined, { json: { prompt: '' } }, 400],
      ['POST /v1/generations', undefined, { json: { prompt: 'pizza', model: 'nope' } }, 404],
      ['POST /v1/generations', undefined, { raw: 'x', headers: { 'content-type': 'text/plain' } }, 415],
      ['POST /v1/images/generations', undefined, { json: { prompt: 'x'.repeat(60_000) } }, 413],
      ['GET /v1/models/{id}', '/v1/models/nope', {}, 404],
      ['GET /v1/generations/{id}', `/v1/generations/${nobody}`, {}, 404],
      ['GET /v1/generations/{id}', `/v1/generations/gen_${'a'.repeat(32)}`, {}, 410],
      ['POST /v1/generations/{id}/cancel', `/v1/generations/${nobody}/cancel`, {}, 404],
      ['GET /v1/pictures/{generation}/{file}', '/v1/pictures/gen_x/0.png', {}, 403],
      ['POST /v1/webhooks', undefined, { json: { url: 'https://169.254.169.254/' } }, 400],
      ['GET /v1/webhooks/{id}', '/v1/webhooks/wh_none', {}, 404],
      ['GET /v1/generations', '/v1/generations?limit=0', {}, 400],
      ['POST /v1/datasets', undefined, { json: { prompts: [] } }, 400],
      ['GET /v1/datasets/{id}', '/v1/datasets/ds_none', {}, 404],
      ['POST /v1/datasets/{id}/cancel', '/v1/datasets/ds_none/cancel', {}, 404],
      ['GET /v1/datasets/{id}/files/{file}', '/v1/datasets/ds_none/files/x.tar', {}, 403],
      ['POST /v1/files', undefined, { json: {} }, 415],
      ['POST /v1/files', undefined, { raw: '--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' } }, 400],
      ['POST /v1/batches', undefined, { json: {} }, 400],
      ['POST /v1/batches', undefined, { json: { input_file_id: 'file-none', endpoint: '/v1/images/generations', completion_window: '24h' } }, 404],
      ['GET /v1/batches/{id}', '/v1/batches/batch_none', {}, 404],
      ['GET /v1/files/{id}/content', '/v1/files/file-none/content', {}, 404],
      ['GET /v1/fleet', '/v1/fleet?span=year', {}, 400],
      ['POST /v1/studies', undefined, { json: { name: 'x' } }, 400],
      ['POST /v1/studies/{id}/pairs', '/v1/studies/study_none/pairs', {}, 404],
      ['GET /v1/studies/{id}/votes', '/v1/studies/study_none/votes?format=xml', {}, 400],
    ];
    for (const [operation, path, question, status] of refusals) expect((await call(operation, path, question)).status).toBe(status);
  });
});

it('/reference is a page of its own, allowed nothing from elsewhere', async () => {
  const { headers, body } = await call('GET /reference');
  expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/);
  expect(body).toMatch(/^<!doctype html>/);
  expect(body).toContain('POST /v1/images/generations');
});
