// `npm start`: installs, builds, finds or starts a Redis, runs gateway and worker until told to stop.
import { installAndBuild } from './install.mjs';
import { freePort, until } from './ports.mjs';
import { DoorError, say, start } from './processes.mjs';
import { provideRedis } from './redis.mjs';
import { signingKey } from './signing-key.mjs';
import { atTheDoor } from './at-the-door.mjs';

// Without ADMIN_KEYS the gateway listens on loopback alone, and says so.
const host = (process.env.ADMIN_KEYS && process.env.HOST) || '127.0.0.1';
const port = Number(process.env.PORT || 8080);
const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
const drainMs = (Number(process.env.DRAIN_SECONDS || 20) + 10) * 1000;

await atTheDoor(async (stopping) => {
  await checkPort();
  await installAndBuild();
  if (stopping.aborted) return;
  const workerPort = Number(process.env.WORKER_PORT) || (await freePort());
  const redis = await provideRedis();
  const servers = startServers({ redisUrl: redis.url, workerPort });
  try {
    const first = await Promise.race([redis.exited.then((how) => `Redis ended (${how})`), supervise(servers, stopping)]);
    if (first) throw new DoorError(first);
  } finally {
    say('stopping');
    await Promise.all(servers.map((server) => server.stop(drainMs)));
    await redis.stop();
  }
});

async function checkPort() {
  await freePort(port, host).catch((error) => {
    throw new DoorError(`port ${port} on ${host} cannot be used (${error.code ?? error.message}); choose another: PORT=8090 npm start`);
  });
}

function startServers({ redisUrl, workerPort }) {
  const env = { HOST: host, PORT: String(port), WORKER_PORT: String(workerPort), REDIS_URL: redisUrl, SIGNING_KEY: signingKey() };
  return [['gateway', port], ['worker', workerPort]].map(([name, at]) => ({
    name, ready: `http://${reachable}:${at}/readyz`, ...start(process.execPath, [`apps/${name}/dist/main.js`], { env, apart: true }),
  }));
}

/** Resolves with what went wrong, or with nothing once the person wants to stop. */
async function supervise(servers, stopping) {
  const stopped = new Promise((resolve) => stopping.addEventListener('abort', () => resolve(), { once: true }));
  const ended = servers.map((server) => server.exited.then((how) => (stopping.aborted ? undefined : `${server.name} ended (${how}); its last lines above say why`)));
  const ready = Promise.all(servers.map((server) => until(() => isReady(server.ready), { deadlineMs: 300_000, what: `${server.name} was not ready`, signal: stopping })));
  ready.then(() => stopping.aborted || greet()).catch(() => {});
  return Promise.race([stopped, ...ended, ready.then(() => stopped)]);
}

function isReady(url) {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then((answer) => answer.ok, () => false);
}

function greet() {
  const address = `http://${reachable}:${port}`;
  if (process.env.ADMIN_KEYS) return say(`ready at ${address}, with a page at ${address}/console/. It asks for API keys; docs/operations.md#keys-and-tenants says how to make one`);
  say(`ready at ${address}. Watch a picture appear at ${address}/console/, or try it here:

  curl -s ${address}/v1/images/generations -H 'content-type: application/json' \\
    -d '{"prompt":"red apple","seed":7}'
`);
}
