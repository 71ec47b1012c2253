import { fileURLToPath } from 'node:url';
import { eventually, freePort, startProcess, type RunningProcess } from '../src/harness/index.js';
import { onCore } from './pinned.js';

/** Root of the repository, seen from tests/dist/bench: the benchmark runs compiled. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface BenchServer {
  readonly url: string;
  stop(): Promise<unknown>;
}

type Environment = Readonly<Record<string, string>>;

/** Starts a built server as its own process and waits until it is ready; `core` holds it to one. */
export async function startServer(app: 'gateway' | 'worker', env: Environment, core?: number): Promise<BenchServer> {
  const port = await freePort();
  const script = `apps/${app}/dist/main.js`;
  const running = startProcess({
    name: app,
    ...(core === undefined ? { command: process.execPath, args: [script] } : onCore(core, script)),
    cwd: root,
    env: { HOST: '127.0.0.1', ...env, [app === 'gateway' ? 'PORT' : 'WORKER_PORT']: String(port) },
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await eventually(() => isReady(running, url), { what: `${app} is ready`, deadlineMs: 120_000 });
    if (running.hasExited()) throw new Error(`${app} ended`);
  } catch (cause) {
    await running.stop('SIGKILL');
    throw new Error(`${app} did not become ready:\n${running.output()}`, { cause });
  }
  return { url, stop: () => running.stop('SIGTERM', 60_000) };
}

async function isReady(running: RunningProcess, url: string): Promise<boolean> {
  return running.hasExited() || (await fetch(`${url}/readyz`)).status === 200;
}
