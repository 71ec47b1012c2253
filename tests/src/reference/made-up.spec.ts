import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, ownService, startLockedGateway, type Answer } from '../harness/index.js';
import { makersFor } from '../keys/makers.js';
import { Judge, operationsOf, type Documented, type Operation } from './documented.js';
import { madeUp } from './made-up.js';
import { send } from './send.js';

/** Nobody waits long for pictures that no worker makes. */
const service = ownService('made-up', { start: startLockedGateway, env: { BODY_LIMIT_BYTES: '50000', WEBHOOK_PRIVATE_HOSTS: '127.0.0.1', SYNC_LIMIT_SECONDS: '0.1', TENANT_OPEN_DATASETS: '1000' } });
let operations: Operation[];
let judge: Judge;
let authorization: string;

beforeAll(async () => {
  const document: Documented = (await ask(`${service.url}/openapi.json`)).body;
  operations = operationsOf(document);
  judge = new Judge(document);
  authorization = `Bearer ${(await service.gateway.key()).key}`;
});

const operationOf = (name: string): Operation => operations.find((each) => each.name === name)!;
async function expectServes(): Promise<void> {
  expect((await ask(`${service.url}/v1/generations`, { json: { prompt: 'pizza' }, headers: { authorization } })).status).toBe(202);
  expect(service.gateway.output()).not.toMatch(/"level":(50|60|"error"|"fatal")/);
}

/** Of every address that takes JSON: a body that it takes, or the least that it reads. Nothing odd may ever name an address to be called. */
const bodies: Readonly<Record<string, object>> = {
  'POST /v1/generations': { prompt: 'pizza' },
  'POST /v1/images/generations': { prompt: 'pizza' },
  'POST /v1/datasets': { prompts: ['pizza'], model: 'nope' },
  'POST /v1/batches': { input_file_id: 'file-none', endpoint: '/v1/images/generations', completion_window: '24h' },
  'POST /v1/studies': { name: 'one', prompts: ['pizza'], candidates: [], margin: 0.1 },
  'POST /v1/webhooks': { url: 'https://169.254.169.254/' },
  'PATCH /v1/webhooks/{id}': {},
  'POST /v1/studies/{id}/votes': { pair: 'none', choice: 'tie' },
};

describe('bodies made from the document', () => {
  const odd: unknown[] = [null, true, 0, -1, 1.5, 1e308, '', ' ', '\u0000', '\ud800', '../../etc/passwd', 'x'.repeat(10_000), [], [[[]]], {}, { a: { b: 1 } }, { constructor: 1 }];

  it('are of every address that takes any', () => {
    expect(Object.keys(bodies).sort()).toEqual(operations.filter(({ fields }) => fields).map(({ name }) => name).sort());
  });

  it.each(Object.keys(bodies))('are answered as %s says, whatever stands in a field, and the server serves on', async (name) => {
    const { method, path, fields } = operationOf(name);
    const faults: string[] = [];
    for (const field of [...fields!, 'toString', 'x'.repeat(500)]) {
      const answers = await Promise.all(odd.map((value) => send(service.url, { method, path: path.replace('{id}', 'none'), headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify({ ...bodies[name], [field]: value }) })));
      for (const answer of answers) {
        faults.push(...judge.faults(name, answer));
        if (!(isGeneration(name) ? [200, 202, 400, 404].includes(answer.status) : answer.status >= 400 && answer.status < 500)) faults.push(`${field}: ${answer.status}`);
      }
    }
    expect(faults).toEqual([]);
    await expectServes();
  }, 120_000);

  /** Odd values of a few of its fields are none; what else is odd is refused. */
  const isGeneration = (name: string): boolean => name.endsWith('/generations');
});

describe('headers, paths and queries made from the document', () => {
  const form = ['purpose\r\n\r\nbatch', 'file; filename=f.jsonl\r\n\r\n{}'].map((part) => `--y\r\ncontent-disposition: form-data; name=${part}\r\n`).join('');
  /** Bodies that make something, once for each key. */
  const createdBy = { 'POST /v1/datasets': { prompts: ['pizza'] }, 'POST /v1/studies': { name: 'one', prompts: ['pizza'], candidates: [{ name: 'fast', acceleration: { strategy: 'shortcut' } }], margin: 0.1 } };
  /** Requests of each operation. */
  const runs = 40;

  it('are answered as the document says, whatever they are, without a word about the inside, and the server serves on', async () => {
    const makers = makersFor(service.url, authorization.slice('Bearer '.length));
    const made: typeof bodies = { ...bodies, ...createdBy, 'POST /v1/batches': { ...bodies['POST /v1/batches'], input_file_id: await makers['files']!() } };
    for (const operation of operations) {
      const id = operation.path.includes('{id}') ? await makers[operation.path.split('/')[2]!]?.() : undefined;
      const upload = operation.name === 'POST /v1/files';
      const body = upload ? `${form}--y--\r\n` : operation.fields && JSON.stringify(made[operation.name]);
      const plain = { id, body, headers: { authorization, ...(body !== undefined && { 'content-type': upload ? 'multipart/form-data; boundary=y' : 'application/json' }) } };
      await fc.assert(fc.asyncProperty(madeUp(operation, plain), async (sent) => {
        const answer = await send(service.url, sent);
        expect([...judge.faults(operation.name, answer), ...indiscretions(answer)]).toEqual([]);
      }), { numRuns: runs, seed: 1 });
    }
    expect(operations.length).toBeGreaterThan(40);
    await expectServes();
  }, 240_000);

  it('would be found out if they were not', () => {
    const broken = { status: 500, headers: new Headers(), body: { detail: 'TypeError: x\n    at f (/srv/dist/a.js:1:2)' } };
    expect(indiscretions(broken)).toEqual([expect.stringMatching(/^500/), expect.stringMatching(/^it tells of its code/)]);
  });

  /** What no answer may be: a failure of the server, or one that shows what it is made of. */
  function indiscretions({ status, body }: Answer): string[] {
    const text = JSON.stringify(body);
    return [...(status >= 500 ? [`${status}: ${text}`] : []), ...(/\\n\s+at |node_modules|\.[jt]s:\d+/.test(text) ? [`it tells of its code: ${text}`] : [])];
  }
});
