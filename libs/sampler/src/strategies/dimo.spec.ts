import { describe, expect, it } from 'vitest';
import type { Model } from '../model-runner.js';
import { EIGHT_BY_EIGHT, ofKind, played, requestOf, type Changes } from '../testing/played.js';

const WIDE: Model = { ...EIGHT_BY_EIGHT, channels: 64 };

async function student(changes: Changes = {}) {
  const runs = await played(requestOf('dimo', changes), { model: WIDE });
  expect(runs.map(({ turn }) => turn.kind)).toEqual(['student']);
  return ofKind(runs, 'student')[0]!;
}

describe('dimo', () => {
  it('reveals every position in one run of the student, and takes the prompt along', async () => {
    const { revealed, turn } = await student();
    expect(revealed).toHaveLength(64);
    expect(turn.prompts[0]).toEqual(Int32Array.of(1, 2, 0, 0));
    expect(turn.noiseShare).toBe(0.1);
  });

  it.each([[0, 0], [0.25, 16], [0.6, 38], [1, 64]])('masks a share of %d of the start exactly, random codes elsewhere', async (initRatio, count) => {
    const start = [...(await student({ knobs: { initRatio } })).turn.start];
    expect(start.filter((token) => token === 100)).toHaveLength(count);
    expect(start.every((token) => Number.isInteger(token) && token >= 0 && token <= 100)).toBe(true);
  });

  it('has codes of the whole range, and masks in all places', async () => {
    const codes = [...(await student({ knobs: { initRatio: 0 } })).turn.start];
    expect([Math.min(...codes) < 20, Math.max(...codes) >= 80, new Set(codes).size > 30]).toEqual([true, true, true]);
    const half = [...(await student({ knobs: { initRatio: 0.5 } })).turn.start.subarray(0, 32)];
    expect(Math.abs(half.filter((token) => token === 100).length - 16)).toBeLessThan(10);
  });

  it('brings standard normal noise for every channel of every position', async () => {
    const noise = [...(await student()).turn.embedNoise];
    const mean = noise.reduce((total, value) => total + value, 0) / noise.length;
    const variance = noise.reduce((total, value) => total + (value - mean) ** 2, 0) / noise.length;
    expect(noise).toHaveLength(64 * 64);
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
    // 68.3 % of a normal distribution lie within one standard deviation.
    expect(noise.filter((value) => Math.abs(value) < 1).length / noise.length).toBeCloseTo(0.683, 1);
  });

  it('starts from the same for the same seed and from something else for another', async () => {
    const [once, again, other] = [await student(), await student(), await student({ seed: 8 })];
    expect([again.turn.start, again.turn.embedNoise]).toEqual([once.turn.start, once.turn.embedNoise]);
    expect(other.turn.start).not.toEqual(once.turn.start);
    expect(other.turn.embedNoise).not.toEqual(once.turn.embedNoise);
  });
});
