import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GenerationSettings } from '@slipstream/contracts';
import { openWorkerMetrics } from '@slipstream/metrics';
import { MemoryObjectStore } from '@slipstream/storage/testing';
import { Harvest, type Harvestable } from './harvest.js';

const bundle = 'ab'.repeat(32);
const settings: GenerationSettings = {
  model: 'tiny', prompt: 'red apple', n: 2, seed: 7, strategy: 'shortcut', steps: 2, budget: 1, knobs: { placement: 'steps' }, guidance: 2, temperature: 1,
  outputFormat: 'png', outputCompression: 100, background: 'transparent',
};
const made = (id: string, { index = 0, revealedAt = [1, 0, 1], changes = {} }: { index?: number; revealedAt?: number[]; changes?: Partial<GenerationSettings> } = {}): Harvestable => ({
  job: { id, settings: { ...settings, ...changes } }, index,
  result: { promptIds: Int32Array.of(5, 6), tokens: Int32Array.of(7, 8, 9), revealedAt: Int32Array.from(revealedAt) },
});

describe('the harvest', () => {
  let store: MemoryObjectStore;
  let metrics: ReturnType<typeof openWorkerMetrics>;
  let warnings: unknown[];
  let open: Harvest[];
  beforeEach(() => ([store, metrics, warnings, open] = [new MemoryObjectStore(), openWorkerMetrics({ engine: () => undefined }), [], []]));
  afterEach(() => Promise.all(open.map((harvest) => harvest.close())));

  const harvestOf = (share: number, into: Pick<MemoryObjectStore, 'put'> = store): Harvest => {
    const harvest = new Harvest({ share, bundle, store: into, closeTimeoutMs: 50, metrics, logger: { warn: (line: unknown) => void warnings.push(line) } });
    open.push(harvest);
    return harvest;
  };
  const hearMany = (harvest: Harvest, count: number): void => Array.from({ length: count }, (_, i) => made(`gen-${i}`)).forEach((picture) => harvest.hear(picture));
  const shards = (): string[][] => [...store.objects.values()].map((bytes) => new TextDecoder().decode(bytes).trimEnd().split('\n').slice(1));
  const kept = (): any[] => shards().flat().map((line) => JSON.parse(line));
  const counted = async (result: string): Promise<number> => Number((await metrics.scrape()).body.match(new RegExp(`^slipstream_harvested_trajectories_total\\{result="${result}"\\} (\\d+)$`, 'm'))?.[1] ?? 0);

  it('keeps what a trajectory is made of, and no word of the prompt', async () => {
    const harvest = harvestOf(1);
    harvest.hear(made('gen-1', { index: 1 }));
    await harvest.close();
    expect(kept()).toEqual([{ prompt: [5, 6], seed: 8, strategy: 'shortcut', steps: 2, budget: 1, knobs: { placement: 'steps' }, guidance: 2, temperature: 1, tokens: [7, 8, 9], revealedAt: [1, 0, 1] }]);
    expect(new TextDecoder().decode([...store.objects.values()][0])).not.toContain('apple');
    expect([await counted('written'), await counted('dropped')]).toEqual([1, 0]);
  });

  it('writes a full shard at once and the rest at the end', async () => {
    let written = (): void => {};
    const first = new Promise<void>((resolve) => (written = resolve));
    const harvest = harvestOf(1, { put: async (...args) => store.put(...args).finally(written) });
    hearMany(harvest, 70);
    await first;
    expect(shards().map((lines) => lines.length)).toEqual([64]);
    await harvest.close();
    expect(shards().map((lines) => lines.length)).toEqual([64, 6]);
  });

  it('draws its share, the same pictures whichever worker asks', async () => {
    const [one, other] = [harvestOf(0.2), harvestOf(0.2)];
    hearMany(one, 500);
    await one.close();
    const drawn = kept().length;
    expect(drawn).toBeGreaterThan(60);
    expect(drawn).toBeLessThan(140);
    const keys = [...store.objects.keys()];
    hearMany(other, 500);
    await other.close();
    expect([...store.objects.keys()]).toEqual(keys);
  });

  it('leaves out who wanted no cache, and what began on another worker', async () => {
    const harvest = harvestOf(1);
    harvest.hear(made('gen-1', { changes: { cache: 'off' } }));
    harvest.hear(made('gen-2', { revealedAt: [1, -1, 1] }));
    await harvest.close();
    expect(store.objects.size).toBe(0);
  });

  it('drops and counts what a failing store does not take, and goes on with the next', async () => {
    const harvest = harvestOf(1);
    store.fault = new Error('away');
    hearMany(harvest, 64);
    await expect.poll(() => counted('dropped')).toBe(64);
    store.fault = undefined;
    harvest.hear(made('later'));
    await harvest.close();
    expect([await counted('written'), await counted('dropped'), warnings.length, kept().length]).toEqual([1, 64, 1, 1]);
  });

  it('keeps no more than a few shards in memory while the store hangs, and ends all the same', async () => {
    const harvest = harvestOf(1, { put: (_key, _bytes, { signal }) => new Promise((_resolve, reject) => (signal!.throwIfAborted(), signal!.addEventListener('abort', () => reject(signal!.reason)))) });
    hearMany(harvest, 64);
    await Promise.resolve(); // the first shard is on its way
    hearMany(harvest, 300);
    expect(await counted('dropped')).toBe(300 - 256);
    await harvest.close();
    expect([await counted('written'), await counted('dropped')]).toEqual([0, 364]);
  });
});
