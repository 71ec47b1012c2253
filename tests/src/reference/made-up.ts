import fc, { type Arbitrary } from 'fast-check';
import type { Operation, Parameter } from './documented.js';
import type { Sent } from './send.js';

/** What a request is when nothing of it is odd. */
export interface Plain {
  readonly headers: Readonly<Record<string, string>>;
  /** Of the parameter `id`. */
  readonly id: string | undefined;
  readonly body: string | undefined;
}

/** Headers that no operation declares and every one may be sent. Those that frame a message are the client's own. */
const general = [
  'authorization', 'content-type', 'content-encoding', 'accept', 'accept-encoding', 'accept-language', 'cookie', 'expect', 'forwarded', 'if-match', 'if-modified-since', 'if-none-match', 'if-range',
  'openai-beta', 'openai-organization', 'openai-project', 'origin', 'range', 'traceparent', 'user-agent', 'x-forwarded-for', 'x-forwarded-proto', 'x-request-id', 'x-stainless-retry-count',
];

/** Values that are nearly right, by header. */
const nearly: Readonly<Record<string, readonly string[]>> = {
  authorization: ['Bearer', 'Bearer a b', `Bearer ${'a'.repeat(300)}`, `Bearer slip_${'0'.repeat(16)}_${'0'.repeat(64)}`, 'Basic dTpw', 'bearer'],
  'content-type': ['application/json; charset=nonsense', 'application/json;', 'text/plain', 'application/xml', 'application/problem+json', 'multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=y', '/'],
  'content-encoding': ['gzip', 'identity'],
  accept: ['*/*;q=9', 'text/event-stream', 'image/avif', 'application/json;q=0'],
  expect: ['100-continue', '200-perhaps'],
  'idempotency-key': ['"', '"a"', '"a', 'a', 'é', 'a'.repeat(256)],
  'if-none-match': ['*', 'W/"x"', '"'],
  'last-event-id': ['0', '-1', 'completed-0', '99999999999999999999', 'queued-0-0-0'],
  prefer: ['respond-async', 'wait=0', 'wait=-1, wait=99999999999', 'wait', 'wait="', 'respond-async; wait=1'],
  range: ['bytes=0-', 'bytes=9-1', 'bytes=0-0,1-1', 'bytes=-99999999999999999999', 'lines=1-2'],
  'x-request-id': ['../..', 'a b', '<script>'],
};

const odd = fc.constantFrom('', ' ', '"', '\\', '%00', '%', 'é', '-1', '0', '1e999', 'NaN', 'null', 'undefined', '[object Object]', '../..', '__proto__', ',', ';', 'a'.repeat(1_000)); // all that is odd together is still within what a parser takes
/** Any text that HTTP lets stand in a header. */
const visible = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f).map((code) => String.fromCharCode(code)), maxLength: 60 });
const text = (likely: readonly string[]): Arbitrary<string> => fc.oneof(odd, visible, ...(likely.length > 0 ? [{ weight: 3, arbitrary: fc.constantFrom(...likely) }] : []));

/** Requests of an operation, each odd in something: a few headers, the path, the query, or that there is a body. */
export function madeUp(operation: Operation, { headers, id, body }: Plain): Arbitrary<Sent> {
  const of = (place: Parameter['in']): string[] => operation.parameters.filter((each) => each.in === place).map(({ name }) => name);
  const header = (names: readonly string[]): Arbitrary<[string, string | string[]]> =>
    fc.constantFrom(...names).chain((name) => fc.oneof({ weight: 5, arbitrary: text(nearly[name] ?? []) }, fc.array(text(nearly[name] ?? []), { minLength: 2, maxLength: 2 })).map((value): [string, string | string[]] => [name, value]));
  const declared = of('header');
  const odds: Arbitrary<string | undefined> = fc.constantFrom(undefined, '', 'x', '{', '[]');
  return fc.record({
    method: fc.constant(operation.method),
    headers: fc.array(fc.oneof(header(general), ...(declared.length > 0 ? [header(declared)] : [])), { maxLength: 4 }).map((given) => ({ ...headers, ...Object.fromEntries(given) })),
    path: fc.tuple(pathOf(operation, id), queryOf(operation)).map(([path, query]) => path + query),
    body: operation.method === 'GET' ? fc.constant(undefined) : fc.oneof({ weight: 6, arbitrary: fc.constant(body) }, odds),
  });
}

/** Each part that is a parameter is filled in, mostly with an id that is known. */
function pathOf({ path }: Operation, id: string | undefined): Arbitrary<string> {
  const part = fc.oneof(fc.constantFrom('', '.', '..', '%', '%zz', '%00', '%ff', '%2e%2e%2f%2e%2e', '__proto__', '*', 'a'.repeat(90), 'a'.repeat(2_000)), fc.string({ unit: 'grapheme', maxLength: 20 }).map(encodeURIComponent));
  const filled = path.split('/').map((each) => (/^\{\w+\}$/.test(each) ? fc.oneof({ weight: 2, arbitrary: fc.constant(each === '{id}' && id !== undefined ? id : 'nobodys') }, part) : fc.constant(each)));
  return fc.tuple(...filled).map((parts) => parts.join('/'));
}

function queryOf({ parameters }: Operation): Arbitrary<string> {
  const declared = parameters.filter((each) => each.in === 'query');
  const pair = fc.constantFrom(...declared, { name: 'x' }, { name: '__proto__' }, { name: 'a[b]' }).chain((parameter) => {
    const values = ('schema' in parameter ? parameter.schema.enum : undefined) ?? [];
    return text([...values, '1', '100', '1700000000']).map((value) => `${encodeURIComponent(parameter.name)}=${encodeURIComponent(value)}`);
  });
  return fc.oneof({ weight: 4, arbitrary: fc.array(pair, { maxLength: 4 }).map((pairs) => (pairs.length > 0 ? `?${pairs.join('&')}` : '')) }, fc.constantFrom('?', '?%', '?&&==', '?a=%zz', `?${'a=1&'.repeat(600)}`));
}
