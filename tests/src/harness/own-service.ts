import { afterAll, afterEach, beforeAll } from 'vitest';
import { scratch, type Scratch } from './scratch.js';
import { startGateway, startWorker, type Environment, type RunningServer } from './start-server.js';

/** A gateway over a scratch of its own, and workers while they are wanted. What is read of it is there from `beforeAll` on. */
export interface OwnService<G extends RunningServer = RunningServer> {
  readonly env: Environment;
  /** The scratch's. */
  readonly folder: string;
  readonly gateway: G;
  /** The gateway's, no slash at the end. */
  readonly url: string;
  /** The worker of all tests, where there is one. */
  readonly resident: RunningServer;
  /** Starts one for the test that asks; does not wait for ready. */
  worker(): Promise<RunningServer>;
  /** Starts the gateway again where it was, and does not wait for ready. */
  restart(): Promise<void>;
}

export interface OwnServiceOptions<G extends RunningServer> {
  /** Laid over the scratch's. */
  readonly env?: Environment;
  readonly start?: (env: Environment) => Promise<G>;
  /** Whether a worker is there, ready, for all tests. */
  readonly withWorker?: boolean;
}

/** Registers the hooks that start it, ready, before the first test of a file or `describe`, and stop it after the last. */
export function ownService<G extends RunningServer = RunningServer>(name: string, options: OwnServiceOptions<G> = {}): OwnService<G> {
  const { start = startGateway as (env: Environment) => Promise<G>, withWorker = false } = options;
  let own: Scratch | undefined;
  let env: Environment = {};
  let gateway: G | undefined;
  let resident: RunningServer | undefined;
  const guests: RunningServer[] = [];

  beforeAll(async () => {
    own = await scratch(name);
    env = { ...own.env, ...options.env };
    [gateway, resident] = await Promise.all([start(env), withWorker ? startWorker(env) : undefined]);
    await Promise.all([gateway.ready(100_000), resident?.ready(100_000)]);
  }, 120_000);
  afterEach(async () => void (await Promise.all(guests.splice(0).map((worker) => worker.stop()))), 60_000);
  afterAll(async () => {
    await Promise.all([gateway, resident].map((server) => server?.stop('SIGKILL')));
    await own?.dispose();
  }, 60_000);

  return {
    get env() { return env; },
    get folder() { return own!.folder; },
    get gateway() { return gateway!; },
    get url() { return gateway!.url; },
    get resident() { return resident!; },
    async worker() {
      const worker = await startWorker(env);
      guests.push(worker);
      return worker;
    },
    async restart() {
      await gateway!.stop();
      gateway = await start({ ...env, PORT: String(gateway!.port) });
    },
  };
}
