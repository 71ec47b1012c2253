import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { GenerationConsumer } from '@slipstream/queue';
import { BatchClient, endpoint } from '../batches/batch-client.js';
import { ownService } from '../harness/index.js';
import { resultOf } from '../queue/queue-pair.js';
import { growth, tellsMemory } from './growth.js';

/** Few and long: what a line costs in Redis is not what this is about. */
const lineCount = 250;
const [lineBytes, pictureBytes] = [760_000, 480_000];
const megabyte = 1_000_000;
/** What the gateway may grow by, whatever the size of a file. */
const most = 150 * megabyte;

const service = ownService('large-files', { env: { NODE_OPTIONS: '--max-old-space-size=96' } });
let client: BatchClient;
beforeAll(() => void (client = new BatchClient(service.url, 'none')));

/** A form with a file of purpose `batch`, made as it is sent. */
async function* form(file: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Buffer> {
  yield Buffer.from('--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--x\r\ncontent-disposition: form-data; name="file"; filename="in.jsonl"\r\n\r\n');
  for await (const text of file) yield Buffer.from(text);
  yield Buffer.from('\r\n--x--\r\n');
}
const upload = (file: Iterable<string>): Promise<Response> =>
  fetch(`${service.url}/v1/files`, { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: form(file), duplex: 'half' } as object);

it.skipIf(!tellsMemory)('an upload of 300 MB that does not say so is refused where it passes the limit, and is never in memory', async () => {
  const block = 'x'.repeat(megabyte);
  let answer: Response | undefined;
  expect(await growth(service.gateway.pid, async () => void (answer = await upload(Array<string>(300).fill(block))))).toBeLessThan(most);
  expect([answer!.status, await answer!.json()]).toMatchObject([413, { error: { code: 'body_too_large', param: 'file' } }]);
  const left = await Promise.all(['files', '.incoming'].map((folder) => readdir(join(service.folder, 'pictures', folder)).catch(() => [])));
  expect(left.flat()).toEqual([]);
}, 300_000);

it.skipIf(!tellsMemory)('a batch of 190 MB is made line by line: neither its requests nor its results, of 160 MB, are ever in memory together', async () => {
  const key = 'pictures/any/0.png';
  await mkdir(join(service.folder, 'pictures/pictures/any'), { recursive: true });
  await writeFile(join(service.folder, 'pictures', key), randomBytes(pictureBytes));
  const space = ' '.repeat(lineBytes);
  function* lines(): Generator<string> {
    for (let index = 0; index < lineCount; index++) yield `${JSON.stringify({ custom_id: `r-${index}`, method: 'POST', url: endpoint, body: { prompt: 'sun', seed: index, response_format: 'b64_json' } })}${space}\n`;
  }
  const { REDIS_URL: redisUrl, QUEUE_PREFIX: prefix } = service.env as { REDIS_URL: string; QUEUE_PREFIX: string };
  const consumer = new GenerationConsumer({ redisUrl, prefix, recordTtlSeconds: 600, bundle: 'digest', concurrency: 64, process: async (job) => ({ ...resultOf(job), pictures: [{ key, seed: job.settings.seed, contentType: 'image/png', bytes: pictureBytes }] }) });
  try {
    let id = '';
    const grown = await growth(service.gateway.pid, async () => {
      const file = (await (await upload(lines())).json()) as { id: string; bytes: number };
      expect(file.bytes).toBeGreaterThan(185 * megabyte);
      ({ id } = await client.openai.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' }));
      const ended = await client.ended(id, 540_000);
      expect(ended).toMatchObject({ status: 'completed', request_counts: { total: lineCount, completed: lineCount, failed: 0 } });
    });
    expect(grown).toBeLessThan(most);
    const { output_file_id } = await client.openai.batches.retrieve(id);
    expect((await client.openai.files.retrieve(output_file_id!)).bytes).toBeGreaterThan(160 * megabyte);
    const read = await growth(service.gateway.pid, async () => {
      let lineEnds = 0;
      for await (const chunk of (await client.openai.files.content(output_file_id!)).body!) lineEnds += Buffer.from(chunk).toString('latin1').split('\n').length - 1;
      expect(lineEnds).toBe(lineCount);
    });
    expect(read).toBeLessThan(most);
  } finally {
    await consumer.close({ deadlineMs: 0 });
  }
}, 600_000);
