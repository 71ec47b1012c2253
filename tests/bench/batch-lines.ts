// A batch of many lines, from the upload to the last line of its output, by OpenAI's client: `npm run bench:batch [-- --lines 50000 --bundle tests/bundles/tiny]`.
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { BatchClient, lines } from '../src/batches/batch-client.js';
import { ask, ownRedis, scratch, startGateway, startWorker, type RunningServer } from '../src/harness/index.js';
import { bytesIn, growth } from '../src/memory/growth.js';

const { values } = parseArgs({ options: { lines: { type: 'string', default: '50000' }, bundle: { type: 'string', default: 'tests/bundles/tiny' } } });
const count = Number(values.lines);
const [own, redis] = await Promise.all([scratch('bench-batch'), ownRedis()]);
await redis.start();
const env = { ...own.env, REDIS_URL: redis.url, BUNDLE: values.bundle, RESULT_TTL_SECONDS: '3600', LOG_LEVEL: 'warn' };
const [gateway, worker] = await Promise.all([startGateway(env), startWorker(env)]);
await Promise.all([gateway.ready(120_000), worker.ready(120_000)]);
const client = new BatchClient(gateway.url, 'none');
const commands = new Redis(redis.url);

try {
  await (await client.ended((await client.create(lines(100))).id)); // warm
  const before = await expenses();
  const startedMs = performance.now();
  let id = '';
  const grown = await growth(gateway.pid, async () => {
    ({ id } = await client.create(lines(count)));
    await client.ended(id, 3_600_000);
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const spent = (await expenses()).map((each, index) => each - before[index]!);
  const batch = await client.openai.batches.retrieve(id);
  const output = await client.read(batch.output_file_id);
  const inOrder = output.every(({ custom_id }, index) => custom_id === `r-${index}`);
  if (batch.status !== 'completed' || output.length !== count || !inOrder) throw new Error(`the batch is ${JSON.stringify(batch)}, with ${output.length} lines of output, ${inOrder ? '' : 'not '}in order`);
  const making = batch.finalizing_at! - batch.in_progress_at!;
  tell('lines, each in the output once and in order', count, 0);
  tell('upload, check, making and output, s', seconds, 1);
  tell('of these making, s', making, 0);
  tell('lines per second of making', count / making, 1);
  tell('gateway outgrew itself by, MB', grown / 1e6, 0);
  tell('gateway at its worst, MB', (await bytesIn(gateway.pid, 'VmHWM')) / 1e6, 0);
  for (const [index, what] of ['gateway, ms of CPU a line', 'worker, ms of CPU a line', 'Redis, ms of CPU a line', 'Redis, commands a line'].entries()) tell(what, (spent[index]! * (index < 3 ? 1000 : 1)) / count, 2);
} finally {
  commands.disconnect();
  await Promise.all([gateway.stop(), worker.stop()]);
  await redis.dispose();
  await own.dispose();
}

/** Seconds of CPU of the gateway, the worker and Redis, and commands that Redis was sent, since each began. */
async function expenses(): Promise<number[]> {
  const cpu = async ({ url }: RunningServer): Promise<number> => Number(/^process_cpu_seconds_total (\S+)/m.exec((await ask(`${url}/metrics`)).body as string)![1]);
  const info = await commands.info();
  const of = (field: string): number => Number(new RegExp(`^${field}:(\\S+)`, 'm').exec(info)![1]);
  return [await cpu(gateway), await cpu(worker), of('used_cpu_user') + of('used_cpu_sys'), of('total_commands_processed')];
}

function tell(what: string, value: number, digits: number): void {
  process.stdout.write(`${what}: ${value.toFixed(digits)}\n`);
}
