import { setTimeout as pause } from 'node:timers/promises';
import { FleetAnchors, type LookupResult } from '@slipstream/trajectories';
import { MemoryFrames, MemoryFrameStore } from '@slipstream/trajectories/testing';
import { describe, expect, it } from 'vitest';
import { TINY_MODEL } from '@slipstream/sampler/testing';
import type { SampleRequest } from './engine.js';
import { nowMs } from './now.js';
import { PairedEngine } from './testing/paired-engine.js';

const usual: SampleRequest = { prompt: 'a', seed: 1, strategy: 'shortcut', steps: 6, budget: 2, guidance: 2, temperature: 1 };
const form = { element: 'fp32', shape: [TINY_MODEL.positions, TINY_MODEL.channels] } as const;

/** A worker's engine that shares its anchors through some frames. */
function worker(frames: MemoryFrames, { beforeRun }: { beforeRun?: () => Promise<void> } = {}) {
  const pair = new PairedEngine(beforeRun, 4, 2 ** 20);
  const store = new MemoryFrameStore(frames);
  const lookups: LookupResult[] = [];
  pair.client.share(new FleetAnchors({ stores: [store], form, clock: { now: nowMs, pause }, computeSeconds: () => 0, listener: { onLookup: ({ result }) => lookups.push(result) } }));
  return { ...pair, client: pair.client, store, lookups, fullRows: () => pair.runner.plans.filter(({ kind }) => kind === 'full').reduce((sum, { rows }) => sum + rows.length, 0) };
}

/** The picture as an engine without any memory makes it. */
const bare = (request: SampleRequest): Promise<Uint8Array> => new PairedEngine().client.submit(request).then(({ pixels }) => pixels);

describe('engines that share their anchors', () => {
  it('compute the first step of a prompt once between them, and make the same bytes', async () => {
    const frames = new MemoryFrames();
    const [one, other] = [worker(frames), worker(frames)];
    expect((await one.client.submit(usual)).remembered).toBe(0);
    const second = await other.client.submit({ ...usual, seed: 2 });
    expect([one.fullRows(), other.fullRows(), second.remembered]).toEqual([2, 1, 2]);
    expect([one.lookups, other.lookups]).toEqual([['miss', 'miss'], ['hit', 'hit']]);
    expect(second.pixels).toEqual(await bare({ ...usual, seed: 2 }));
  });

  it('ask once for rows that want the same, and remember it', async () => {
    const { client, lookups } = worker(new MemoryFrames());
    const made = await Promise.all([1, 2, 3].map((seed) => client.submit({ ...usual, seed })));
    expect(lookups).toEqual(['miss', 'miss']);
    expect((await client.submit({ ...usual, seed: 4 })).remembered).toBe(2);
    expect(client.stats().anchors).toMatchObject({ hits: 2, sizeBytes: 2 * 160 });
    for (const [i, { pixels }] of made.entries()) expect(pixels).toEqual(await bare({ ...usual, seed: i + 1 }));
  });

  it('make the same bytes from damaged and from foreign frames as from none', async () => {
    const frames = new MemoryFrames();
    await worker(frames).client.submit(usual);
    const [[first, frame], [second, foreign]] = [...frames.frames] as [[string, Uint8Array], [string, Uint8Array]];
    frames.frames.set(first, frame.map((byte, at) => (at === 100 ? byte ^ 64 : byte)));
    frames.frames.set(second, Uint8Array.from(frame));
    expect(foreign).not.toEqual(frame);
    const { client, lookups } = worker(frames);
    expect((await client.submit(usual)).pixels).toEqual(await bare(usual));
    expect(lookups).toEqual(['damaged', 'damaged']);
  });

  it('go on when what they share is gone, and when it goes in the middle', async () => {
    const frames = new MemoryFrames();
    const { client, store, lookups } = worker(frames, { beforeRun: async () => void (store.fault = new Error('gone')) });
    const made = await Promise.all([1, 2].map((seed) => client.submit({ ...usual, seed })));
    expect(made[1]!.pixels).toEqual(await bare({ ...usual, seed: 2 }));
    expect((await client.submit({ ...usual, prompt: 'other' })).pixels).toEqual(await bare({ ...usual, prompt: 'other' }));
    expect([lookups, frames.frames.size]).toEqual([['miss', 'miss', 'open'], 0]);
  });

  it('leave alone what wants no cache', async () => {
    const frames = new MemoryFrames();
    const { client, lookups } = worker(frames);
    const { pixels, remembered } = await client.submit({ ...usual, cache: 'off' });
    expect([lookups, frames.frames.size, remembered]).toEqual([[], 0, 0]);
    expect(pixels).toEqual(await bare(usual));
  });
});
