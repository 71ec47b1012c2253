import { connect } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { startProcess } from './start-process.js';
import type { RunningProcess } from './start-process.js';

/** A redis-server of the test's own, which can be stopped and started again on the same port. */
export interface OwnRedis {
  readonly url: string;
  readonly port: number;
  start(): Promise<void>;
  /** SIGTERM by default; SIGKILL is a crash. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it and removes its folder. */
  dispose(): Promise<void>;
}

/**
 * A stopped redis-server on a free loopback port. With `appendOnly` it keeps its data when it is stopped; with
 * `maxMemoryBytes` it is a cache, which forgets what is used least. Needs the `redis-server` binary, as `npm start` does.
 */
export async function ownRedis({ appendOnly = false, maxMemoryBytes }: { appendOnly?: boolean; maxMemoryBytes?: number } = {}): Promise<OwnRedis> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'slipstream-redis-'));
  let running: RunningProcess | undefined;
  const memory = maxMemoryBytes === undefined ? ['--maxmemory-policy', 'noeviction'] : ['--maxmemory', String(maxMemoryBytes), '--maxmemory-policy', 'allkeys-lfu'];
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    await running?.stop(signal);
    running = undefined;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    async start() {
      running ??= startProcess({
        name: 'redis-server',
        command: 'redis-server',
        args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', appendOnly ? 'yes' : 'no', ...memory],
      });
      await eventually(() => answersPing(port), { what: `redis-server answers on ${port}` });
    },
    stop,
    async dispose() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')));
    socket.once('error', () => settle(false));
  });
}
