import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { repositoryRoot, startGateway, startWorker, type RunningServer } from '../src/harness/index.js';
import { oneOf, type Random } from './random.js';

export type Role = 'gateway' | 'worker';

export interface FleetOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly gateways: number;
  readonly workers: number;
  /** Scripts of ./preload that every server loads first. */
  readonly preload?: readonly ('poison' | 'clock')[];
}

const starters = { gateway: startGateway, worker: startWorker };

/** Servers as an orchestrator keeps them: one that ends is started again. */
export class Fleet {
  /** Servers that an orchestrator would have to start again after they ended, by how. */
  readonly ends: Record<string, number> = {};
  readonly #servers = new Map<Role, RunningServer[]>([['gateway', []], ['worker', []]]);
  readonly #everyone: RunningServer[] = [];
  readonly #env: Readonly<Record<string, string>>;
  #closing = false;

  private constructor({ env, preload = [] }: FleetOptions) {
    const imports = preload.map((name) => `--import=${pathToFileURL(`${repositoryRoot}tests/chaos/preload/${name}.mjs`).href}`);
    this.#env = { ...env, ...(imports.length > 0 && { NODE_OPTIONS: imports.join(' ') }) };
  }

  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    const roles = [...Array<Role>(options.gateways).fill('gateway'), ...Array<Role>(options.workers).fill('worker')];
    try {
      await Promise.all(roles.map(async (role) => (await fleet.#add(role)).ready(300_000)));
    } catch (error) {
      await fleet.close('SIGKILL');
      throw error;
    }
    return fleet;
  }

  /** One that is up, as far as anyone knows. */
  pick(role: Role, random: Random): RunningServer | undefined {
    const alive = this.alive(role);
    return alive.length > 0 ? oneOf(random, alive) : undefined;
  }

  alive(role: Role): readonly RunningServer[] {
    return this.#servers.get(role)!.filter((server) => !server.hasExited());
  }

  /** What all its servers have ever written. */
  logs(role: Role): string[] {
    return this.#everyone.filter(({ name }) => name === role).map((server) => server.output());
  }

  async close(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#servers.values()].flat().map((server) => server.stop(signal, 60_000)));
  }

  async #add(role: Role): Promise<RunningServer> {
    const server = await starters[role](this.#env);
    this.#everyone.push(server);
    this.#servers.get(role)!.push(server);
    void server.exited.then(({ code, signal }) => this.#ended(role, server, signal ?? `code ${code}`));
    return server;
  }

  async #ended(role: Role, server: RunningServer, how: string): Promise<void> {
    this.ends[`${role} ${how}`] = (this.ends[`${role} ${how}`] ?? 0) + 1;
    const servers = this.#servers.get(role)!;
    servers.splice(servers.indexOf(server), 1);
    await sleep(500);
    if (!this.#closing) await this.#add(role);
  }
}
