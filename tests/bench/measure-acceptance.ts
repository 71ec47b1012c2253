import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { spread, type Spread } from '@slipstream/quality';
import { startProcess, waitForExit } from '../src/harness/index.js';
import { clearKeys } from './clear-keys.js';
import { unbounded } from './unbounded.js';
import type { BenchServiceOptions } from './options.js';
import { onCore, type NodeCommand } from './pinned.js';
import { root, startServer, type BenchServer } from './servers.js';

export interface AcceptanceFigure {
  /** 202 answers to POST /v1/generations, gateway on one core. */
  readonly gatewayPerSecond: Spread;
  /** BullMQ `add` on one core, as many under way as the gateway has connections. */
  readonly bareAddPerSecond: Spread;
  /** BullMQ `add` on one core, one after the other. */
  readonly sequentialAddPerSecond: Spread;
  /** Gateway ÷ bare add, round by round. */
  readonly ratio: Spread;
}

/** The measured process has core 0 to itself; load and the like go to core 1. */
const measuredCore = 0;
const loadCore = 1;

/** How many generations a second one gateway accepts on one core, beside what BullMQ alone does there, in turn. */
export async function measureAcceptance(
  options: BenchServiceOptions,
  note: (line: string) => void,
): Promise<AcceptanceFigure> {
  const prefix = `bench-accept-${process.pid}`;
  const env = {
    REDIS_URL: options.redisUrl,
    QUEUE_PREFIX: prefix,
    STORAGE_URL: pathToFileURL(join(tmpdir(), prefix)).href,
    BUNDLE: resolve(root, options.bundle),
    SIGNING_KEY: 'only-for-this-benchmark',
    ...unbounded,
    RESULT_TTL_SECONDS: '600',
  };
  const gateway = await startServer('gateway', env, measuredCore);
  try {
    await load(gateway, options); // warm
    return await rounds(gateway, { ...options, prefix }, note);
  } finally {
    await gateway.stop();
    await clearKeys(options.redisUrl, prefix);
  }
}

async function rounds(
  gateway: BenchServer,
  options: BenchServiceOptions & { prefix: string },
  note: (line: string) => void,
): Promise<AcceptanceFigure> {
  const accepted: number[] = [];
  const added: number[] = [];
  const sequential: number[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    added.push(await bareAdd(options, options.connections));
    accepted.push(await load(gateway, options));
    sequential.push(await bareAdd(options, 1));
    note(
      `round ${round}: gateway ${accepted.at(-1)?.toFixed(0)}, bare add ${added.at(-1)?.toFixed(0)}, one by one ${sequential.at(-1)?.toFixed(0)} a second`,
    );
  }
  return {
    gatewayPerSecond: spread(accepted),
    bareAddPerSecond: spread(added),
    sequentialAddPerSecond: spread(sequential),
    ratio: spread(accepted.map((value, i) => value / (added[i] as number))),
  };
}

interface LoadReport {
  readonly '2xx': number;
  readonly non2xx: number;
  readonly errors: number;
  readonly duration: number;
}

async function load({ url }: BenchServer, { connections, acceptSeconds }: BenchServiceOptions): Promise<number> {
  const autocannon = createRequire(import.meta.url).resolve('autocannon');
  const args = [
    '--json',
    '--connections',
    String(connections),
    '--duration',
    String(acceptSeconds),
    '--method',
    'POST',
  ];
  const body = [
    '--headers',
    'content-type=application/json',
    '--body',
    JSON.stringify({ prompt: 'slice of pizza', seed: 7 }),
  ];
  const report = await run<LoadReport>(
    'autocannon',
    onCore(loadCore, autocannon, ...args, ...body, `${url}/v1/generations`),
    acceptSeconds,
  );
  if (report.non2xx > 0 || report.errors > 0)
    throw new Error(`the gateway refused ${report.non2xx} and dropped ${report.errors} requests`);
  return report['2xx'] / report.duration;
}

async function bareAdd(
  { redisUrl, prefix, acceptSeconds }: BenchServiceOptions & { prefix: string },
  lanes: number,
): Promise<number> {
  const script = fileURLToPath(new URL('./bare-add.js', import.meta.url));
  const command = onCore(measuredCore, script, redisUrl, `${prefix}-bare`, String(lanes), String(acceptSeconds));
  return (await run<{ addsPerSecond: number }>('bare-add', command, acceptSeconds)).addsPerSecond;
}

/** Runs a process that prints one line of JSON, within a deadline. */
async function run<T>(name: string, { command, args }: NodeCommand, expectedSeconds: number): Promise<T> {
  const running = startProcess({ name, command, args, cwd: root });
  const { code } = await waitForExit(running, (expectedSeconds + 30) * 1000);
  const line = running
    .output()
    .split('\n')
    .find((text) => text.startsWith('{'));
  if (code !== 0 || line === undefined) throw new Error(`${name} ended with ${code}:\n${running.output()}`);
  return JSON.parse(line) as T;
}
