// A Redis for the servers: the one given, the one that answers, else one of our own.
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ensureCommand } from './debian.mjs';
import { freePort, until } from './ports.mjs';
import { DoorError, repositoryRoot, say, start } from './processes.mjs';

const usual = { host: '127.0.0.1', port: 6379 };

const byHand = `Slipstream keeps its queue in Redis, none answers at ${usual.host}:${usual.port}, and this account may not install one. Do one of these:
  - install it: \`sudo apt-get install redis-server\` (Debian, Ubuntu), \`brew install redis\` (macOS); it will be started for you
  - run it: \`docker run -p 6379:6379 redis:7\`
  - name one that runs elsewhere: REDIS_URL=redis://host:6379`;

/** `{ url, stop, exited }` of the Redis to use. Only a Redis of our own is ever stopped; only its `exited` ever resolves. */
export async function provideRedis() {
  const never = new Promise(() => {});
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, stop: async () => {}, exited: never };
  if (await answers(usual)) return { url: `redis://${usual.host}:${usual.port}`, stop: async () => {}, exited: never };
  return ownRedis({ folder: join(repositoryRoot, '.slipstream', 'redis'), keep: true });
}

/** A redis-server of our own on a free loopback port; with `keep` its data outlives it. */
export async function ownRedis({ folder, keep }) {
  await ensureRedisServer();
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const server = start('redis-server', [
    '--port', String(port), '--bind', '127.0.0.1', '--dir', folder,
    '--save', '', '--appendonly', keep ? 'yes' : 'no', '--maxmemory-policy', 'noeviction', '--loglevel', 'warning',
  ], { apart: true, stdout: 'ignore' });
  const ended = server.exited.then((how) => { throw new DoorError(`redis-server ended before it answered (${how})`); });
  await Promise.race([ended, until(() => answers({ host: '127.0.0.1', port }), { deadlineMs: 15_000, what: 'redis-server did not answer' })]);
  ended.catch(() => {}); // From here on its end is the supervisor's to judge.
  say(`started a Redis of its own on 127.0.0.1:${port}`);
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.stop(5_000), exited: server.exited };
}

/** Makes sure that the redis-server command is there. */
export const ensureRedisServer = () => ensureCommand('redis-server', { from: 'redis-server', otherwise: byHand });

/** Whether a Redis that lets us in answers there. */
function answers({ host, port }) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 }, () => socket.write('PING\r\n'));
    const settle = (answered) => { socket.destroy(); resolve(answered); };
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}
