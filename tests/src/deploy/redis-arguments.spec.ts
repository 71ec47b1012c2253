import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort, startProcess, type RunningProcess } from '../harness/index.js';
import { provideKubectl } from './kubectl.js';
import { rendered } from './rendered.js';

const kubectl = await provideKubectl();
const unitBytes: Record<string, number> = { Mi: 2 ** 20, Gi: 2 ** 30 };

/** A real Redis, given the very arguments of the manifests. */
describe.skipIf(!kubectl).each(['overlays/cpu', 'overlays/production'])('both Redis of k8s/%s', (target) => {
  const dispose: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const each of dispose.splice(0).reverse()) await each();
  });

  async function running(name: string): Promise<{ settings: Record<string, string>; limitBytes: number; persistent: boolean }> {
    const { workloads } = await rendered(kubectl!, target);
    const { spec } = workloads.find(({ metadata }) => metadata.name === name);
    const { args, resources } = spec.template.spec.containers[0];
    const folder = await mkdtemp(join(tmpdir(), 'slipstream-redis-'));
    dispose.push(() => rm(folder, { recursive: true }));
    const port = await freePort();
    const given = args.slice(1).map((each: string) => each.replace('$(REDIS_PASSWORD)', 'a-password'));
    const server: RunningProcess = startProcess({ name, command: args[0], args: [...given, '--port', String(port), '--bind', '127.0.0.1', '--dir', folder] });
    dispose.push(() => server.stop());
    const redis = new Redis({ port, password: 'a-password', maxRetriesPerRequest: 100 });
    redis.on('error', () => {}); // until it listens
    dispose.push(async () => redis.disconnect());
    const flat = (await redis.config('GET', '*')) as string[];
    const settings = Object.fromEntries(flat.flatMap((key, index) => (index % 2 === 0 ? [[key, flat[index + 1]!]] : [])));
    const [, amount, unit] = /^(\d+)(Mi|Gi)$/.exec(resources.limits.memory)!;
    return { settings, limitBytes: Number(amount) * unitBytes[unit!]!, persistent: spec.volumeClaimTemplates !== undefined };
  }

  it('the queue’s keeps what it has on a disk of its own, refuses rather than forgets, and has room to fork', async () => {
    const { settings, limitBytes, persistent } = await running('queue-redis');
    expect(settings).toMatchObject({ appendonly: 'yes', save: '', 'maxmemory-policy': 'noeviction', requirepass: 'a-password' });
    expect(Number(settings['maxmemory'])).toBeGreaterThan(0);
    expect(limitBytes).toBeGreaterThanOrEqual(2 * Number(settings['maxmemory']));
    expect(persistent).toBe(true);
  });

  it('the cache’s is bounded, lets go of the least used, and keeps nothing', async () => {
    const { settings, limitBytes, persistent } = await running('cache-redis');
    expect(settings).toMatchObject({ appendonly: 'no', save: '', 'maxmemory-policy': 'allkeys-lfu', requirepass: 'a-password' });
    expect(Number(settings['maxmemory'])).toBeGreaterThan(0);
    expect(limitBytes).toBeGreaterThan(1.2 * Number(settings['maxmemory']));
    expect(persistent).toBe(false);
  });
});
