import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, ownService, repositoryRoot } from './harness/index.js';

const service = ownService('class-bundle', { env: { BUNDLE: join(repositoryRoot, 'tests/maskgit-tiny') }, withWorker: true });
const generate = (json: object) => ask(`${service.url}/v1/images/generations`, { json });

describe('an imported MaskGIT in service', () => {
  it('says how many classes it draws', async () => {
    const { body } = await ask(`${service.url}/v1/models/maskgit-tiny`);
    expect(body.slipstream.limits.prompt).toMatchObject({ classes: 10 });
  });

  it('draws a class with its shortcut', async () => {
    const { status, body } = await generate({ prompt: '3', seed: 7, size: '8x8', response_format: 'b64_json' });
    expect(status).toBe(200);
    const png = Buffer.from(body.data[0].b64_json as string, 'base64');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([8, 8]);
    expect(body.slipstream).toMatchObject({ strategy: 'shortcut' });
  }, 60_000);

  it.each(['10', '1000', 'goldfish'])('refuses the class %s at the door', async (prompt) => {
    expectProblem(await generate({ prompt }), { status: 400, code: 'invalid_request', param: 'prompt', says: /by number from 0 to 9/ });
  });
});
