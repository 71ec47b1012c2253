import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { startProcess } from './start-process.js';
import type { RunningProcess } from './start-process.js';

/** Root of the repository, seen from tests/src/harness, or from tests/dist/src/harness where it was compiled. */
export const repositoryRoot = fileURLToPath(new URL(import.meta.url.includes('/dist/src/harness/') ? '../../../../' : '../../../', import.meta.url));

export interface RunningServer extends RunningProcess {
  /** `http://127.0.0.1:port`, no slash at the end. */
  readonly url: string;
  readonly port: number;
  /** GET /readyz until 200; throws at once, with the output, when the process ends first. */
  ready(deadlineMs?: number): Promise<void>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Starts apps/gateway from its dist on a free port (PORT and HOST are set here); does not wait for ready. */
export async function startGateway(env: Environment = {}): Promise<RunningServer> {
  return startServer('gateway', { portKey: 'PORT', env });
}

/** Starts apps/worker from its dist on a free port (WORKER_PORT and HOST are set here); does not wait for ready. */
export async function startWorker(env: Environment = {}): Promise<RunningServer> {
  return startServer('worker', { portKey: 'WORKER_PORT', env });
}

async function startServer(
  app: 'gateway' | 'worker',
  { portKey, env }: { portKey: string; env: Environment },
): Promise<RunningServer> {
  const port = Number(env[portKey] ?? (await freePort()));
  const running = startProcess({
    name: app,
    command: process.execPath,
    args: [`apps/${app}/dist/main.js`],
    cwd: repositoryRoot,
    env: { HOST: '127.0.0.1', ...env, [portKey]: String(port) },
  });
  const url = `http://127.0.0.1:${port}`;
  return { ...running, url, port, ready: (deadlineMs) => waitUntilReady(running, { url, deadlineMs }) };
}

async function waitUntilReady(
  running: RunningProcess,
  { url, deadlineMs = 60_000 }: { url: string; deadlineMs?: number | undefined },
): Promise<void> {
  const answer = await eventually(
    async () => running.hasExited() || ((await fetch(`${url}/readyz`)).status === 200 && 'ready'),
    { what: `${running.name} is ready at ${url}`, deadlineMs },
  ).catch((error: unknown) => {
    throw new Error(`${running.name} did not become ready:\n${running.output()}`, { cause: error });
  });
  if (answer !== 'ready') throw new Error(`${running.name} ended before it was ready:\n${running.output()}`);
}
