import { beforeEach, describe, expect, it } from 'vitest';
import { FleetAnchors, type FleetAnchorsOptions } from './fleet-anchors.js';
import { encodeFrame, type FrameForm } from './frame.js';
import type { FrameStore } from './frame-store.js';
import { MemoryFrames, MemoryFrameStore } from './testing/memory-frame-store.js';

const form: FrameForm = { element: 'fp32', shape: [2, 2] };
const features = Float32Array.of(1, 2, 3, 4);
const keyOf = (id: number): string => String(id).padStart(64, '0');
const key = keyOf(1);

/** A clock that goes on when somebody pauses, and by `costMs` at every call of a store. */
class FakeClock {
  ms = 0;
  readonly pauses: number[] = [];
  onPause: () => void = () => {};

  now = (): number => this.ms;
  pause = async (ms: number): Promise<void> => {
    this.pauses.push(ms);
    this.ms += ms;
    this.onPause();
  };
}

let clock: FakeClock;
let frames: MemoryFrames;
let heard: string[];
beforeEach(() => {
  clock = new FakeClock();
  frames = new MemoryFrames(clock.now);
  heard = [];
});

const worker = (stores: readonly FrameStore[] = [new MemoryFrameStore(frames)], options: Partial<FleetAnchorsOptions> = {}): FleetAnchors =>
  new FleetAnchors({
    stores, form, clock, computeSeconds: () => 0.01,
    listener: { onLookup: ({ tier, result }) => heard.push(`${tier} ${result}`), onWrite: ({ tier, result, bytes }) => heard.push(`${tier} ${result} ${bytes}`) },
    ...options,
  });

/** A store whose every claim takes so long. */
class SlowStore extends MemoryFrameStore {
  costMs = 0;
  calls = 0;

  override async claim(...asked: Parameters<MemoryFrameStore['claim']>): ReturnType<MemoryFrameStore['claim']> {
    this.calls += 1;
    clock.ms += this.costMs;
    return super.claim(...asked);
  }
}

describe('workers that share anchors', () => {
  it('find what another one computed', async () => {
    const [one, other] = [worker(), worker()];
    expect(await one.find(key)).toBeUndefined();
    await one.offer(key, features);
    expect(await other.find(key)).toEqual(features);
    expect(heard).toEqual(['memory miss', 'memory written 80', 'memory hit']);
  });

  it('wait for who computes, and take it when it is there', async () => {
    const [one, other] = [worker(), worker()];
    await one.find(key);
    clock.onPause = () => void (clock.pauses.length === 3 && one.offer(key, features));
    expect(await other.find(key)).toEqual(features);
    expect(clock.pauses).toHaveLength(3);
  });

  it('compute it themselves when it does not come in time, and share that', async () => {
    const [silent, other, third] = [worker(), worker(), worker()];
    await silent.find(key);
    expect(await other.find(key)).toBeUndefined();
    expect(clock.ms).toBeLessThanOrEqual(100);
    await other.offer(key, features);
    expect(await third.find(key)).toEqual(features);
  });

  it('go on at once when who was to compute gave up', async () => {
    const [one, other] = [worker(), worker()];
    await one.find(key);
    await one.forgo(key);
    expect(await other.find(key)).toBeUndefined();
    expect(clock.pauses).toEqual([]);
  });

  it('offer only what they were asked for', async () => {
    await worker().offer(key, features);
    expect(frames.frames.size).toBe(0);
  });
});

describe('a frame that is not what it should be', () => {
  it.each([
    ['damaged', () => encodeFrame(key, features, form).fill(7, 70, 72)],
    ['of another key', () => encodeFrame(keyOf(2), features, form)],
    ['of another shape', () => encodeFrame(key, features, { ...form, shape: [4, 1] })],
    ['no frame at all', () => Buffer.from('something else')],
  ])('%s is a miss, is counted, and is replaced', async (_, frame) => {
    frames.frames.set(key, frame());
    const one = worker();
    expect(await one.find(key)).toBeUndefined();
    await one.offer(key, features);
    expect(await worker().find(key)).toEqual(features);
    expect(heard).toEqual(['memory damaged', 'memory written 80', 'memory hit']);
  });
});

describe('tiers', () => {
  it('are asked from near to far, and what was far is kept near', async () => {
    const far = new MemoryFrameStore(new MemoryFrames(clock.now), 'far');
    await far.put(key, encodeFrame(key, features, form));
    const both = worker([new MemoryFrameStore(frames, 'near'), far]);
    expect(await both.find(key)).toEqual(features);
    expect(await worker([new MemoryFrameStore(frames, 'near')]).find(key)).toEqual(features);
    expect(heard).toEqual(['near miss', 'far hit', 'near written 80', 'near hit']);
  });

  it('that fail cost one call, are left alone for a while, and are tried again by one', async () => {
    const store = new SlowStore(frames);
    const one = worker([store], { openMs: 1_000 });
    store.fault = new Error('no answer');
    for (let id = 0; id < 5; id++) expect(await one.find(keyOf(id))).toBeUndefined();
    expect([store.calls, one.states]).toEqual([1, [{ tier: 'memory', state: 'open' }]]);
    clock.ms += 1_000;
    await Promise.all([one.find(keyOf(6)), one.find(keyOf(7))]);
    expect(store.calls).toBe(2);
    store.fault = undefined;
    clock.ms += 1_000;
    await one.find(keyOf(8));
    await one.find(keyOf(9));
    expect([store.calls, one.states[0]!.state]).toEqual([4, 'used']);
    expect(heard).toEqual(['failed', 'open', 'open', 'open', 'open', 'open', 'failed', 'miss', 'miss'].map((result) => `memory ${result}`));
  });

  it('that cannot be written to are not asked either', async () => {
    const store = new SlowStore(frames);
    const one = worker([store]);
    await one.find(key);
    store.fault = new Error('no answer');
    await one.offer(key, features);
    await one.find(keyOf(2));
    expect(heard).toEqual(['memory miss', 'memory failed 80', 'memory open']);
  });

  it('that are dearer than computing are skipped, probed now and then, and used again when they are cheaper', async () => {
    const store = new SlowStore(frames);
    const one = worker([store]);
    store.costMs = 20;
    for (let id = 0; id < 8; id++) await one.find(keyOf(id));
    expect([store.calls, one.states[0]!.state]).toEqual([8, 'dearer']);
    for (let id = 0; id < 64; id++) await one.find(keyOf(id));
    expect(store.calls).toBe(9);
    store.costMs = 1;
    for (let id = 0; id < 64 * 40; id++) await one.find(keyOf(id));
    expect(one.states[0]!.state).toBe('used');
    expect(heard).toContain('memory dearer');
  });

  it('are used while nobody knows what computing costs', async () => {
    const store = new SlowStore(frames);
    store.costMs = 1_000;
    const one = worker([store], { computeSeconds: () => 0 });
    for (let id = 0; id < 20; id++) await one.find(keyOf(id));
    expect(store.calls).toBe(20);
  });
});
