import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { SlipstreamClient } from '@slipstream/client';
import { expectProblem } from '../harness/expect-problem.js';
import { ownService, startLockedGateway, type Answer } from '../harness/index.js';

const service = ownService('made-once', { start: startLockedGateway });
let apiKey: string;
beforeEach(async () => void (apiKey = (await service.gateway.key({ tenant: `t-${randomUUID()}` })).key));

type Headers = Readonly<Record<string, string>>;
interface Sent { readonly key: string; readonly headers?: Headers }

async function send(path: string, body: FormData | object | undefined, { key, headers = {} }: Sent, method = 'POST'): Promise<Answer> {
  const form = body instanceof FormData;
  const response = await fetch(`${service.url}/v1/${path}`, { method, body: form ? body : body && JSON.stringify(body), headers: { authorization: `Bearer ${key}`, ...(body && !form && { 'content-type': 'application/json' }), ...headers } });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

function formOf(text: string): FormData {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([text]), 'in.jsonl');
  return form;
}

const line = (id: string): string => JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/images/generations', body: { prompt: 'sun' } });
const newFile = async (key: string): Promise<string> => (await send('files', formOf(line('a')), { key })).body.id;
const study = { name: 'a', prompts: ['sun'], candidates: [{ name: 'b', acceleration: { strategy: 'shortcut' } }], margin: 0.1 };
const batch = (input_file_id: string, name: string): object => ({ input_file_id, endpoint: '/v1/images/generations', completion_window: '24h', metadata: { name } });

/** By kind: a body that can be sent again, and another one. */
const kinds: Record<string, (key: string) => Promise<() => [body: FormData | object, other: FormData | object]>> = {
  files: async () => () => [formOf('{"n": 1}'), formOf('{"n": 2}')],
  batches: async (key) => {
    const file = await newFile(key);
    return () => [batch(file, 'one'), batch(file, 'two')];
  },
  datasets: async () => () => [{ prompts: ['sun', 'moon'], shard_size: 1 }, { prompts: ['sun'] }],
  studies: async () => () => [study, { ...study, margin: 0.2 }],
};
const made = async (kind: string, key: string): Promise<string[]> => (await send(kind, undefined, { key }, 'GET')).body.data.map(({ id }: { id: string }) => id);
const replayed = ({ headers }: Answer): boolean => headers.get('idempotent-replayed') === 'true';

describe.each(Object.keys(kinds))('an Idempotency-Key of %s', (kind) => {
  it('makes one of them, however often and at once it is sent, and refuses another body', async () => {
    const bodies = await kinds[kind]!(apiKey);
    const before = await made(kind, apiKey);
    const as = { key: apiKey, headers: { 'idempotency-key': `${kind}-1` } };
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(kind, bodies()[0], as)));
    const later = await send(kind, bodies()[0], { ...as, headers: { 'idempotency-key': `"${kind}-1"` } });
    const [{ status, body }] = answers as [Answer];
    expect([status, new Set([...answers, later].map((answer) => `${answer.status} ${answer.body.id}`)).size]).toEqual([kind === 'files' || kind === 'batches' ? 200 : 201, 1]);
    expect([answers.filter(replayed).length, replayed(later)]).toEqual([5, true]);
    expectProblem(await send(kind, bodies()[1], as), { status: 422, code: 'idempotency_mismatch', param: 'Idempotency-Key', says: new RegExp(body.id) });
    expect((await made(kind, apiKey)).filter((id) => !before.includes(id))).toEqual([body.id]);
  });

  it('is its tenant’s own, and without one each request makes another', async () => {
    const [other, bodies] = [(await service.gateway.key({ tenant: `t-${randomUUID()}` })).key, await kinds[kind]!(apiKey)];
    const theirs = await kinds[kind]!(other);
    const headers = { 'idempotency-key': 'shared' };
    const answers = [await send(kind, bodies()[0], { key: apiKey, headers }), await send(kind, theirs()[0], { key: other, headers }), await send(kind, bodies()[0], { key: apiKey }), await send(kind, bodies()[0], { key: apiKey })];
    expect([new Set(answers.map(({ body }) => body.id)).size, answers.filter(replayed)]).toEqual([4, []]);
    expectProblem(await send(kind, bodies()[0], { key: apiKey, headers: { 'idempotency-key': 'a b' } }), { status: 400, code: 'invalid_request', param: 'Idempotency-Key' });
  });
});

describe('an Idempotency-Key', () => {
  it('names a request among those of one kind', async () => {
    const headers = { 'idempotency-key': 'same' };
    const answers = [await send('studies', study, { key: apiKey, headers }), await send('generations', { prompt: 'sun' }, { key: apiKey, headers }), await send('datasets', { prompts: ['sun'] }, { key: apiKey, headers })];
    expect(answers.map(({ status }) => status)).toEqual([201, 202, 201]);
  });

  it('brings a batch whose input file is gone by now', async () => {
    const [file, as] = [await newFile(apiKey), { key: apiKey, headers: { 'idempotency-key': 'b' } }];
    const { body } = await send('batches', batch(file, 'one'), as);
    await send(`files/${file}`, undefined, { key: apiKey }, 'DELETE');
    expect((await send('batches', batch(file, 'one'), as)).body.id).toBe(body.id);
  });

  it('is free again once what it made is deleted', async () => {
    const as = { key: apiKey, headers: { 'idempotency-key': 'again' } };
    const first = (await send('files', formOf('{"n": 1}'), as)).body.id;
    await send(`files/${first}`, undefined, { key: apiKey }, 'DELETE');
    const second = await send('files', formOf('{"n": 2}'), as);
    expect([second.status, second.body.id === first, replayed(second)]).toEqual([200, false, false]);
  });

  it('leaves no bytes of a request that made nothing', async () => {
    const stored = async (folder: string): Promise<Set<string>> => new Set(await readdir(join(service.folder, 'pictures', folder)).catch(() => []));
    const [files, datasets] = [await stored('files'), await stored('datasets')];
    const send5 = (kind: string, body: () => FormData | object) => Promise.all(Array.from({ length: 5 }, () => send(kind, body(), { key: apiKey, headers: { 'idempotency-key': 'k' } })));
    const [[file], [dataset]] = [await send5('files', () => formOf('{"n": 3}')), await send5('datasets', () => ({ prompts: ['sun', 'moon'], shard_size: 1 }))];
    expect([...(await stored('files'))].filter((name) => !files.has(name))).toEqual([`${file!.body.id}.jsonl`]);
    const left = await Promise.all([...(await stored('datasets'))].filter((id) => !datasets.has(id)).map(async (id) => [id, await readdir(join(service.folder, 'pictures', 'datasets', id, 'files')).catch(() => [])] as const));
    expect(left.filter(([, names]) => names.length > 0).map(([id]) => id)).toEqual([dataset!.body.id]);
  });
});

describe('the client', () => {
  it('makes no second one where the answer to its first try was lost', async () => {
    const file = await newFile(apiKey);
    const creations: Record<string, (client: SlipstreamClient) => Promise<{ id: string }>> = {
      files: (client) => client.files.upload(new Blob(['{"n": 4}'])),
      batches: (client) => client.batches.create({ input_file_id: file }),
      datasets: (client) => client.datasets.create({ prompts: ['sun'] }),
      studies: (client) => client.studies.create(study as Parameters<typeof client.studies.create>[0]),
    };
    for (const [kind, create] of Object.entries(creations)) {
      const before = await made(kind, apiKey);
      const lost: Response[] = [];
      const client = new SlipstreamClient({ baseUrl: service.url, apiKey, pause: async () => {}, fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (lost.length > 0) return response;
        lost.push(response);
        throw new TypeError('connection lost');
      } });
      const { id } = await create(client);
      expect([kind, ((await lost[0]!.json()) as { id: string }).id]).toEqual([kind, id]);
      expect((await made(kind, apiKey)).filter((each) => !before.includes(each))).toEqual([id]);
    }
  });
});
