import { expect, it } from 'vitest';
import { checkInput } from './check-input.js';
import type { Line } from './lines.js';

const endpoint = '/v1/images/generations';
const request = (id: unknown, fields: object = {}): string => JSON.stringify({ custom_id: id, method: 'POST', url: endpoint, body: { prompt: 'sun' }, ...fields });

async function* lines(texts: Iterable<string | undefined>): AsyncGenerator<Line> {
  let number = 0;
  for (const text of texts) yield { number: ++number, end: 0, text };
}
const check = (texts: Iterable<string | undefined>) => checkInput(lines(texts), endpoint);

it('counts the requests of a file', async () => {
  expect(await check([request('a'), request('b')])).toEqual({ total: 2 });
});

it.each([
  ['{', 'invalid_json_line', null],
  ['[]', 'invalid_json_line', null],
  [undefined, 'invalid_json_line', null],
  [request(undefined), 'missing_required_parameter', 'custom_id'],
  [request(''), 'invalid_custom_id', 'custom_id'],
  [request(7), 'invalid_custom_id', 'custom_id'],
  [request('c', { method: 'GET' }), 'invalid_method', 'method'],
  [request('c', { url: '/v1/embeddings' }), 'invalid_url', 'url'],
  [request('c', { body: null }), 'missing_required_parameter', 'body'],
  [request('c', { body: [] }), 'invalid_body', 'body'],
  [request('a'), 'duplicate_custom_id', 'custom_id'],
])('names line 3 where it is %j', async (text, code, param) => {
  expect(await check([request('a'), request('b'), text, request('d')])).toEqual({ faults: [expect.objectContaining({ line: 3, code, param })] });
});

it('refuses a file without requests, and one with too many', async () => {
  expect(await check([])).toMatchObject({ faults: [{ code: 'empty_file', line: null }] });
  function* many(): Generator<string> {
    for (let index = 0; index <= 50_000; index += 1) yield request(`${index}`);
  }
  expect(await check(many())).toMatchObject({ faults: [{ code: 'too_many_requests', line: 50_001 }] });
});

it('tells a hundred faults and reads no further', async () => {
  function* endless(): Generator<string> {
    for (;;) yield 'nonsense';
  }
  expect(await check(endless())).toMatchObject({ faults: { length: 100 } });
});
