import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, eventually, ownService, repositoryRoot, startGateway } from './harness/index.js';

const service = ownService('dimoo-bundle', { env: { BUNDLE: join(repositoryRoot, 'tests/dimoo-tiny') }, withWorker: true });
const generate = (json: object) => ask(`${service.url}/v1/images/generations`, { json });

describe('an imported Lumina-DiMOO in service', () => {
  it('says how long a prompt may be and how it samples', async () => {
    const { body } = await ask(`${service.url}/v1/models/dimoo-tiny`);
    expect(body.slipstream.limits).toMatchObject({ size: ['10x6'], prompt: { max_tokens: 27 } });
    expect(body.slipstream.defaults).toMatchObject({ noise: 'bf16', schedule: 'cosine', guidance: 4, confidenceRamp: 'constant' });
  });

  it('draws words with its shortcut, in its own size', async () => {
    const { status, body } = await generate({ prompt: 'an orange cat', seed: 7, size: '10x6', response_format: 'b64_json' });
    expect(status).toBe(200);
    const png = Buffer.from(body.data[0].b64_json as string, 'base64');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([10, 6]);
    expect(body.slipstream).toMatchObject({ strategy: 'shortcut' });
  }, 60_000);

  it('refuses a prompt that is longer than its context, naming the limit', async () => {
    expectProblem(await generate({ prompt: 'x'.repeat(28) }), { status: 400, code: 'invalid_request', param: 'prompt', says: /28 tokens, .*at most 27/ });
  }, 60_000);

  it('refuses it at once where nobody waits, however long it is, and lets in what fits', async () => {
    const submit = (prompt: string, headers = {}) => ask(`${service.url}/v1/generations`, { json: { prompt }, headers: { prefer: 'respond-async', ...headers } });
    expect((await submit('x'.repeat(27))).status).toBe(202);
    expectProblem(await submit('x'.repeat(28)), { status: 400, code: 'invalid_request', param: 'prompt', says: /28 tokens, .*at most 27/ });
    expectProblem(await submit('x'.repeat(32_000)), { status: 400, code: 'invalid_request', param: 'prompt', says: /more than 27 tokens/ });
    const study = { name: 's', prompts: ['cat', 'x'.repeat(28)], candidates: [{ name: 'full', acceleration: { strategy: 'vanilla' } }], margin: 0.1 };
    expectProblem(await ask(`${service.url}/v1/studies`, { json: study }), { status: 400, code: 'invalid_request', param: 'prompts.1' });
  }, 60_000);

  it('refuses a size that it does not make', async () => {
    expectProblem(await generate({ prompt: 'x', size: '6x10' }), { status: 400, code: 'invalid_request', param: 'size', says: /10x6/ });
  });
});

describe('a gateway that has no more of the bundle than its manifest', () => {
  it('leaves it to the workers: such a generation fails once, in the same words', async () => {
    const folder = join(service.folder, 'manifest-alone');
    await mkdir(folder);
    await copyFile(join(repositoryRoot, 'tests/dimoo-tiny/manifest.json'), join(folder, 'manifest.json'));
    const gateway = await startGateway({ ...service.env, BUNDLE: folder });
    onTestFinished(() => void gateway.stop('SIGKILL'));
    await gateway.ready(100_000);
    const { status, body } = await ask(`${gateway.url}/v1/generations`, { json: { prompt: 'x'.repeat(28) } });
    expect(status).toBe(202);
    const settled = await eventually(async () => {
      const { body: now } = await ask(`${gateway.url}/v1/generations/${body.id}`);
      return now.status === 'failed' && now;
    }, { what: 'a failed generation' });
    expect(settled.error).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('at most 27') });
  }, 120_000);
});
