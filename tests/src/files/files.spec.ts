import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { NotFoundError, toFile, type OpenAI } from 'openai';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../harness/expect-problem.js';
import { ask, openaiAt, ownService, startLockedGateway } from '../harness/index.js';

const limitBytes = 2_000_000;
const service = ownService('files', { start: startLockedGateway, env: { FILE_LIMIT_BYTES: String(limitBytes) } });
let openai: OpenAI;
let headers: { authorization: string };

beforeAll(async () => {
  const { key } = await service.gateway.key({ tenant: 'acme' });
  openai = openaiAt(service.url, key);
  headers = { authorization: `Bearer ${key}` };
});

const upload = async (text: string, name = 'requests.jsonl') => openai.files.create({ file: await toFile(Buffer.from(text), name), purpose: 'batch' });
/** What lies in the object store under files, and what is on its way there. */
const stored = async (): Promise<string[]> => {
  const names = await Promise.all(['files', '.incoming'].map((folder) => readdir(join(service.folder, 'pictures', folder)).catch(() => [])));
  return names.flat().sort();
};

describe('a file', () => {
  it('is kept, listed, read back and deleted by OpenAI’s client', async () => {
    const text = Array.from({ length: 40_000 }, (_, index) => `{"line": ${index}, "says": "größer"}\n`).join('');
    const file = await upload(text);
    expect(file).toMatchObject({ object: 'file', bytes: Buffer.byteLength(text), filename: 'requests.jsonl', purpose: 'batch', status: 'processed' });
    expect(file.expires_at! - file.created_at).toBe(2_592_000);
    expect(await openai.files.retrieve(file.id)).toEqual(file);
    expect(await (await openai.files.content(file.id)).text()).toBe(text);
    expect((await openai.files.list()).data).toEqual([file]);
    expect(await openai.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    await expect(openai.files.retrieve(file.id)).rejects.toBeInstanceOf(NotFoundError);
    expect(await stored()).toEqual([]);
  });

  it('is one of a list with a cursor, either way round', async () => {
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) ids.push((await upload('{}', name)).id);
    const walk = async (order: 'asc' | 'desc'): Promise<string[]> => {
      const seen: string[] = [];
      for await (const { id } of openai.files.list({ limit: 2, order })) seen.push(id);
      return seen;
    };
    expect(await walk('asc')).toEqual(ids);
    expect(await walk('desc')).toEqual([...ids].reverse());
    expect((await openai.files.list({ purpose: 'batch_output' })).data).toEqual([]);
    for (const id of ids) await openai.files.delete(id);
  });

  it('is not there for another tenant', async () => {
    const { id } = await upload('{}');
    const stranger = openaiAt(service.url, (await service.gateway.key({ tenant: 'other' })).key);
    for (const attempt of [stranger.files.retrieve(id), stranger.files.content(id), stranger.files.delete(id)]) await expect(attempt).rejects.toMatchObject({ status: 404, code: 'file_not_found' });
    expect((await stranger.files.list()).data).toEqual([]);
    await openai.files.delete(id);
  });

  it('may be given a shorter life', async () => {
    const { id, created_at, expires_at } = await openai.files.create({ file: await toFile(Buffer.from('{}'), 'x'), purpose: 'batch', expires_after: { anchor: 'created_at', seconds: 3_600 } });
    expect(expires_at! - created_at).toBe(3_600);
    await openai.files.delete(id);
  });
});

describe('an upload', () => {
  it('of 300 MB is refused before any of it is sent', async () => {
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${service.url}/v1/files`, { method: 'POST', headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x', 'content-length': 300_000_000 } }, (answer) => {
        resolve(answer.statusCode);
        asked.destroy();
      });
      asked.on('error', reject).flushHeaders();
    });
    expect(status).toBe(413);
  });

  it('that says no size is refused where it passes the limit, and leaves nothing behind', async () => {
    const form = new FormData();
    form.set('file', new Blob(['x'.repeat(limitBytes + 1)]), 'large.jsonl');
    form.set('purpose', 'batch');
    const encoded = new Response(form);
    const answer = await fetch(`${service.url}/v1/files`, { method: 'POST', headers: { ...headers, 'content-type': encoded.headers.get('content-type')! }, body: encoded.body, duplex: 'half' } as RequestInit);
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { code: 'body_too_large', param: 'file' } });
    expect(await stored()).toEqual([]);
  });

  it('of exactly the limit is taken', async () => {
    const { id, bytes } = await upload('x'.repeat(limitBytes));
    expect(bytes).toBe(limitBytes);
    await openai.files.delete(id);
  });

  it.each([
    ['without a purpose', { file: 'x' }, 'purpose'],
    ['for another purpose', { file: 'x', purpose: 'fine-tune' }, 'purpose'],
    ['without a file', { purpose: 'batch' }, 'file'],
    ['with a life too short', { file: 'x', purpose: 'batch', 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '5' }, 'seconds'],
  ])('%s is refused, and leaves nothing behind', async (_, fields: Record<string, string>, param) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, name === 'file' ? new File([value], 'f.jsonl') : value);
    const answer = await fetch(`${service.url}/v1/files`, { method: 'POST', headers, body: form });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param } }]);
    expect(await stored()).toEqual([]);
  });

  it('that is cut off leaves nothing behind, and the gateway serves on', async () => {
    const cut = '--x\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nbegun';
    const given = { method: 'POST', headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x' } };
    expectProblem(await ask(`${service.url}/v1/files`, { ...given, raw: cut }), { status: 400, code: 'invalid_request' });
    await new Promise<void>((resolve) => {
      const asked = request(`${service.url}/v1/files`, { ...given, headers: { ...given.headers, 'content-length': 1_000_000 } });
      asked.on('error', () => resolve()).write(cut, () => asked.destroy(new Error('gone')));
    });
    await expect.poll(stored).toEqual([]);
    expect((await openai.files.list()).data).toEqual([]);
  });

  it('that is no form is refused, and a form is taken nowhere else', async () => {
    expectProblem(await ask(`${service.url}/v1/files`, { json: { purpose: 'batch' }, headers }), { status: 415, code: 'unsupported_media_type' });
    const form = new FormData();
    form.set('prompt', 'sun');
    const answer = await fetch(`${service.url}/v1/generations`, { method: 'POST', headers, body: form });
    expect(answer.status).toBe(415);
  });
});
