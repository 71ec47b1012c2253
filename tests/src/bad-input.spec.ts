import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, ownService, type Answer } from './harness/index.js';

const service = ownService('bad-input', { env: { BODY_LIMIT_BYTES: '200000' } });
const routes = ['/v1/images/generations', '/v1/generations'];

/** Every refusal is followed by a request that is served. */
async function servesTheNext(): Promise<void> {
  expect((await ask(`${service.url}/v1/generations`, { json: { prompt: 'slice of pizza' } })).status).toBe(202);
}

const fields: [name: string, body: unknown, param: string | null, says: RegExp][] = [
  ['an empty prompt', { prompt: '' }, 'prompt', /prompt must be a text/],
  ['a prompt of spaces', { prompt: ' \n\t ' }, 'prompt', /prompt must be a text/],
  ['no prompt', { n: 1 }, 'prompt', /got nothing/],
  ['a prompt of 100 kB', { prompt: 'x'.repeat(100_000) }, 'prompt', /32,000 characters.*100000 characters/],
  ['a prompt with control characters', { prompt: 'a\u0000b\u001b[31m' }, 'prompt', /without control characters/],
  ['a prompt that is half a surrogate pair', { prompt: 'a\ud83c' }, 'prompt', /prompt must be a text/],
  ['a prompt that is a number', { prompt: 7 }, 'prompt', /got 7/],
  ['a prompt that is a list', { prompt: ['pizza'] }, 'prompt', /prompt must be a text/],
  ['a prompt that is an object', { prompt: { text: 'pizza' } }, 'prompt', /prompt must be a text/],
  ['n of 0', { prompt: 'pizza', n: 0 }, 'n', /1 to 10, got 0/],
  ['n of 11', { prompt: 'pizza', n: 11 }, 'n', /1 to 10, got 11/],
  ['n of "2"', { prompt: 'pizza', n: '2' }, 'n', /1 to 10, got "2"/],
  ['n of 1.5', { prompt: 'pizza', n: 1.5 }, 'n', /1 to 10, got 1.5/],
  ['an unknown size', { prompt: 'pizza', size: '1024x1024' }, 'size', /use 32x32 or auto/],
  ['a size that is none', { prompt: 'pizza', size: 'large' }, 'size', /use 32x32 or auto/],
  ['an unknown format', { prompt: 'pizza', output_format: 'gif' }, 'output_format', /png, jpeg or webp/],
  ['an unknown response format', { prompt: 'pizza', response_format: 'ascii' }, 'response_format', /url or b64_json/],
  ['an unknown quality', { prompt: 'pizza', quality: 'best' }, 'quality', /must be one of/],
  ['an unknown strategy', { prompt: 'pizza', acceleration: { strategy: 'magic' } }, 'acceleration.strategy', /use one of vanilla, halton, shortcut/],
  ['a knob out of its range', { prompt: 'pizza', acceleration: { strategy: 'taylorseer', order: 3 } }, 'acceleration.order', /whole number from 0 to 2, got 3/],
  ['a knob of another strategy', { prompt: 'pizza', acceleration: { strategy: 'recap', order: 1 } }, 'acceleration.order', /not a knob of the recap strategy; it has pre_full_steps, cached_steps/],
  ['a budget of a strategy without one', { prompt: 'pizza', acceleration: { strategy: 'ml-cache', budget: 3 } }, 'acceleration.budget', /no meaning under the ml-cache strategy/],
  ['guidance of the one-step student', { prompt: 'pizza', acceleration: { strategy: 'dimo', guidance: 2 } }, 'acceleration.guidance', /leave it out/],
  ['budget > steps', { prompt: 'pizza', acceleration: { steps: 4, budget: 5 } }, 'acceleration.budget', /use 1 to 4/],
  ['steps > tokens', { prompt: 'pizza', acceleration: { steps: 17 } }, 'acceleration.steps', /use 1 to 16/],
  ['steps of 0', { prompt: 'pizza', acceleration: { steps: 0 } }, 'acceleration.steps', /at least 1/],
  ['a negative seed', { prompt: 'pizza', seed: -1 }, 'seed', /from 0/],
  ['a seed past 2^53', { prompt: 'pizza', seed: 2 ** 53 }, 'seed', /to 9007199254740991/],
  ['a seed that leaves no room for n', { prompt: 'pizza', seed: Number.MAX_SAFE_INTEGER, n: 2 }, 'seed', /no room/],
  ['a lane that does not exist', { prompt: 'pizza', lane: 'express' }, 'lane', /interactive or batch, got "express"/],
  ['a deadline of 0', { prompt: 'pizza', deadline: 0 }, 'deadline', /number of seconds from 0.1/],
  ['a deadline in words', { prompt: 'pizza', deadline: '1m' }, 'deadline', /must start, got "1m"/],
  ['transparency in a jpeg', { prompt: 'pizza', background: 'transparent', output_format: 'jpeg' }, 'background', /png or webp/],
  ['a field that does not exist', { prompt: 'pizza', promt: 'pizza' }, 'promt', /is not a field/],
  ['a body that is a list', [], null, /JSON object/],
  ['a body that is null', null, null, /JSON object/],
];

describe.each(routes)('POST %s', (route) => {
  it.each(fields)('refuses %s, naming the field and the remedy', async (_name, json, param, says) => {
    expectProblem(await ask(service.url + route, { json }), { status: 400, code: 'invalid_request', param, says });
    await servesTheNext();
  });

  it('names every wrong field at once', async () => {
    const answer = await ask(service.url + route, { json: { prompt: '', n: 0, seed: -1 } });
    expectProblem(answer, { status: 400, code: 'invalid_request', says: /prompt must.*n must.*seed must/s });
  });

  it('refuses an unknown model with the one it has', async () => {
    const answer = await ask(service.url + route, { json: { prompt: 'pizza', model: 'dall-e-3' } });
    expectProblem(answer, { status: 404, code: 'model_not_found', param: 'model', says: /"tiny"/ });
    await servesTheNext();
  });

  it.each(['{"prompt":', 'prompt=pizza', '{"prompt":"a"}{', '\u0000\u0001', '{"__proto__":{"n":1},"prompt":"a"}'])('refuses broken JSON: %j', async (raw) => {
    expectProblem(await ask(service.url + route, { raw, headers: { 'content-type': 'application/json' } }), { status: 400, code: 'invalid_json', says: /JSON/ });
    await servesTheNext();
  });

  it('refuses an empty body', async () => {
    expectProblem(await ask(service.url + route, { raw: '', headers: { 'content-type': 'application/json' } }), { status: 400, code: 'invalid_json', says: /prompt/ });
    expectProblem(await ask(service.url + route, { method: 'POST' }), { status: 400, code: 'invalid_request', says: /prompt/ });
  });

  it('refuses a body over the limit, and names the key that raises it', async () => {
    expectProblem(await ask(service.url + route, { json: { prompt: 'x'.repeat(300_000) } }), { status: 413, code: 'body_too_large', says: /BODY_LIMIT_BYTES/ });
    await servesTheNext();
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'nonsense'])('refuses the content type %s', async (contentType) => {
    const answer = await ask(service.url + route, { raw: '{"prompt":"pizza"}', headers: { 'content-type': contentType } });
    expectProblem(answer, { status: 415, code: 'unsupported_media_type', says: /application\/json/ });
    await servesTheNext();
  });

  it.each(['qwyxz blorp', '😀🍕', 'Пицца', '披萨 🍕 ピザ', 'a\tb\nc', '"; DROP TABLE prompts; --'])('accepts words that the model never saw: %j', async (prompt) => {
    const answer = await ask(service.url + route, { json: { prompt }, headers: { prefer: 'respond-async' } });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ object: 'generation', status: 'queued', prompt });
  });
});

describe('other addresses', () => {
  it.each(['gen_unknown', `gen_${'z'.repeat(32)}`, '..%2f..%2fetc', '%00', 'x'.repeat(90)])('do not know the generation %s', async (id) => {
    const [read, cancel] = [await ask(`${service.url}/v1/generations/${id}`), await ask(`${service.url}/v1/generations/${id}/cancel`, { method: 'POST' })];
    for (const answer of [read, cancel]) expectProblem(answer, { status: 404, code: 'generation_not_found', param: 'id', says: /POST \/v1\/generations/ });
    await servesTheNext();
  });

  it('tell a generation whose record ran out from one that never was', async () => {
    const longAgo = `gen_${'a'.repeat(32)}`; // drawn in 1970
    expectProblem(await ask(`${service.url}/v1/generations/${longAgo}`), { status: 410, code: 'generation_expired', param: 'id', says: /expired/ });
  });

  it('refuse an unknown model', async () => {
    expectProblem(await ask(`${service.url}/v1/models/dall-e-3`), { status: 404, code: 'model_not_found', param: 'model', says: /tiny/ });
  });

  it.each(['/nope', '/v1', '/v1/images', '/v1/pictures', '/favicon.ico', '/v1/generations/a/b/c'])('that do not exist are said not to: %s', async (path) => {
    expectProblem(await ask(service.url + path), { status: 404, code: 'route_not_found', says: /not an address/ });
  });

  it('do not take other methods', async () => {
    expectProblem(await ask(`${service.url}/v1/generations`, { method: 'DELETE' }), { status: 404, code: 'route_not_found' });
  });

  it('that are no URL are refused like the rest', async () => {
    expectProblem(await ask(`${service.url}/v1/models/%zz`), { status: 400, code: 'invalid_request', param: 'url' });
    await servesTheNext();
  });

  it.each(['expires=9999999999', 'signature=AAAA', 'expires=9999999999&signature=AAAA', 'expires=a&expires=b&signature=c', ''])('refuse a picture whose link is forged: ?%s', async (query) => {
    const answer = await ask(`${service.url}/v1/pictures/gen_x/0.png?${query}`);
    expectProblem(answer, { status: 403, code: 'picture_link_invalid', says: /new one/ });
  });

  it('refuse a response_format that they do not have', async () => {
    const { body } = await ask(`${service.url}/v1/generations`, { json: { prompt: 'pizza' } });
    expectProblem(await ask(`${service.url}/v1/generations/${body.id}?response_format=gif`), { status: 400, code: 'invalid_request', param: 'response_format' });
  });
});

describe('what is no request in HTTP', () => {
  /** What is said to these bytes before the connection ends. */
  async function told(bytes: string): Promise<Answer> {
    const socket = connect(service.gateway.port, '127.0.0.1');
    socket.write(bytes, 'latin1');
    const [head, body] = (await text(socket)).split('\r\n\r\n') as [string, string];
    const [line, ...lines] = head.split('\r\n') as [string, ...string[]];
    return { status: Number(line.split(' ')[1]), headers: new Headers(lines.map((each) => each.split(/: (.*)/).slice(0, 2) as [string, string])), body: JSON.parse(body) };
  }

  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 400, 'invalid_request'],
    ['a header with a NUL', 'GET /livez HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n', 400, 'invalid_request'],
    ['no host', 'GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'invalid_request'],
    ['a header without a name', 'GET /livez HTTP/1.1\r\nhost: x\r\n: b\r\n\r\n', 400, 'invalid_request'],
    ['a body of two lengths', 'POST /v1/generations HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n', 400, 'invalid_request'],
    ['headers of 20 kB', `GET /livez HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ])('is refused like the rest: %s', async (_what, bytes, status, code) => {
    expectProblem(await told(bytes), { status, code });
    await servesTheNext();
  });

  it('and says nothing in the middle of another answer', async () => {
    const socket = connect(service.gateway.port, '127.0.0.1');
    socket.write('GET /v1/models/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\nnonsense');
    expect((await text(socket)).match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('but for an expectation that is not known, which is not heard', async () => {
    expect(await told('GET /livez HTTP/1.1\r\nhost: x\r\nexpect: 200-perhaps\r\nconnection: close\r\n\r\n')).toMatchObject({ status: 200, body: { status: 'live' } });
  });
});

describe('a webhook', () => {
  it.each(['https://127.0.0.1/', 'http://127.0.0.1:8080/', 'https://2130706433/', 'https://[::ffff:7f00:1]/', 'https://169.254.169.254/latest/meta-data/', 'https://localhost/', 'https://192.168.0.1/', 'file:///etc/passwd'])('may not be %s', async (url) => {
    expectProblem(await ask(`${service.url}/v1/webhooks`, { json: { url } }), { status: 400, code: 'invalid_request', param: 'url' });
    expect((await ask(`${service.url}/v1/webhooks`)).body.data).toEqual([]);
  });
});

describe('request ids', () => {
  it('of the client come back on answers and errors', async () => {
    const headers = { 'x-request-id': 'mine-1' };
    for (const path of ['/livez', '/nope']) expect((await ask(service.url + path, { headers })).headers.get('x-request-id')).toBe('mine-1');
  });

  it('that are not sane are replaced', async () => {
    const { headers } = await ask(`${service.url}/livez`, { headers: { 'x-request-id': 'a b"c' } });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});
