import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../harness/index.js';

let eslint: ESLint;
beforeAll(async () => {
  eslint = new ESLint({ cwd: repositoryRoot });
  await eslint.lintText('', { filePath: `${repositoryRoot}/libs/sampler/src/x.ts` }); // Reads the project graph once.
}, 180_000);

/** The rules that refuse one line of source, were it in that file. */
async function refusals(file: string, source: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(`${source}\n`, { filePath: `${repositoryRoot}/${file}` });
  return result!.messages.map((message) => message.ruleId);
}

const boundary = '@nx/enforce-module-boundaries';
const use = (name: string) => `import { x } from '${name}'; export const y = x;`;

describe('the lint rules', () => {
  it.each([
    ['an adapter that imports another adapter', 'libs/storage/src/x.ts', use('@slipstream/metrics')],
    ['a domain room that imports an adapter', 'libs/sampler/src/x.ts', use('@slipstream/runtime')],
    ['a domain room that imports another', 'libs/quality/src/x.ts', use('@slipstream/sampler')],
    ['contracts that import anything of ours', 'libs/contracts/src/x.ts', use('@slipstream/sampler')],
    ['a room that reaches into another by path', 'apps/cli/src/x.ts', use('../../../libs/contracts/src/index.js')],
    ['an app that reaches into another app', 'apps/gateway/src/x.ts', use('../../worker/src/main.js')],
    ['the page that imports what runs in Node', 'apps/console/src/x.tsx', use('@slipstream/storage')],
  ])('refuse %s', async (_, file, source) => {
    expect(await refusals(file, source)).toContain(boundary);
  });

  it.each([
    ['onnxruntime-node outside runtime', 'apps/worker/src/x.ts', use('onnxruntime-node')],
    ['bullmq outside queue', 'apps/gateway/src/x.ts', use('bullmq')],
    ['ioredis outside queue', 'libs/server-kit/src/x.ts', use('ioredis')],
    ['the AWS SDK outside storage', 'apps/worker/src/x.ts', use('@aws-sdk/client-s3')],
    ['prom-client outside metrics', 'libs/server-kit/src/x.ts', use('prom-client')],
    ['React outside the page', 'libs/client/src/x.ts', use('react')],
    ['zod-openapi outside the gateway', 'libs/contracts/src/x.ts', use('zod-openapi')],
    ['sharp outside pictures', 'apps/cli/src/x.ts', use('sharp')],
    ['a Parquet library outside datasets', 'apps/cli/src/x.ts', use('hyparquet-writer')],
    ['tar-stream outside datasets', 'apps/worker/src/x.ts', use('tar-stream')],
    ['a part of an SDK outside its owner', 'apps/cli/src/x.ts', use('sharp/lib/index.js')],
    ['the environment through node:process', 'libs/queue/src/x.ts', `import { env } from 'node:process'; export const y = env;`],
  ])('refuse %s', async (_, file, source) => {
    expect(await refusals(file, source)).toContain('no-restricted-imports');
  });

  it('refuse the environment outside the one reader of it', async () => {
    const source = 'export const port = process.env.PORT;';
    expect(await refusals('apps/gateway/src/x.ts', source)).toContain('no-restricted-properties');
    expect(await refusals('libs/queue/src/x.ts', source)).toContain('no-restricted-properties');
    expect(await refusals('libs/server-kit/src/config.ts', source)).toEqual([]);
  });

  it('refuse the page all of contracts but its types', async () => {
    expect(await refusals('apps/console/src/x.tsx', use('@slipstream/contracts'))).toContain('@typescript-eslint/no-restricted-imports');
    expect(await refusals('apps/console/src/x.tsx', `import type { x } from '@slipstream/contracts'; export type y = x;`)).toEqual([]);
  });

  it('refuse clocks and global randomness in the sampler', async () => {
    expect(await refusals('libs/sampler/src/x.ts', 'export const a = Math.random();')).toContain('no-restricted-syntax');
    expect(await refusals('libs/sampler/src/x.ts', 'export const a = Date.now();')).toContain('no-restricted-syntax');
  });

  it('let arrows down and owners pass', async () => {
    expect(await refusals('libs/runtime/src/x.ts', use('@slipstream/sampler'))).toEqual([]);
    expect(await refusals('apps/worker/src/x.ts', use('@slipstream/queue'))).toEqual([]);
    expect(await refusals('libs/queue/src/x.ts', use('bullmq'))).toEqual([]);
  });
});
