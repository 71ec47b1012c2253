import { describe, expect, it } from 'vitest';
import { allFaults, faultsOf } from './faults.js';
import type { SmallDisk } from './small-disk.js';
import { Storm, type Blows } from './storm.js';

/** Faults that only tell that they happened, and with which chance. */
const telling = (told: string[]): Blows => Object.fromEntries(['left', 'right'].map((place) => [
  place, Object.fromEntries(['1', '2', '3'].map((name) => [`${place} ${name}`, async (random) => void told.push(`${place} ${name} ${random().toFixed(6)}`)])),
]));
const storm = (told: string[], { seed = 1, jobs = 300 } = {}): Storm => new Storm(telling(told), { seed, jobs, gapMs: [0, 1] });
const of = (told: readonly string[], place: string): string[] => told.filter((line) => line.startsWith(place));

describe('a storm', () => {
  it.each([300, 2_000])('of %i jobs has every fault', async (jobs) => {
    const told: string[] = [];
    const whole = storm(told, { jobs });
    await whole.complete();
    await whole.end();
    expect(Object.keys(whole.counts)).toHaveLength(6);
    for (const times of Object.values(whole.counts)) expect(times).toBeGreaterThanOrEqual(Math.floor(jobs / 300));
  });

  it('follows from its seed alone: order and chance of each fault', async () => {
    const [one, same, other]: string[][] = [[], [], []];
    for (const [told, seed] of [[one, 7], [same, 7], [other, 8]] as const) {
      const whole = storm(told!, { seed });
      await whole.complete();
      await whole.end();
    }
    for (const place of ['left', 'right']) {
      const least = Math.min(of(one!, place).length, of(same!, place).length);
      expect(of(one!, place).slice(0, least)).toEqual(of(same!, place).slice(0, least));
      expect(of(one!, place)).not.toEqual(of(other!, place));
    }
  });

  it('counts what did not happen as 0, and mends what is broken before it has ended', async () => {
    let mended = false;
    let [begun, mend] = [(): void => {}, (): void => {}];
    const breaking = new Promise<void>((resolve) => (begun = resolve));
    const broken = new Promise<void>((resolve) => (mend = resolve));
    const one = new Storm({ place: { fault: async () => (begun(), await broken, void (mended = true)) }, calm: { never: async () => {} } }, { seed: 1, jobs: 1, gapMs: [0, 1] });
    const other = new Storm({ calm: { never: async () => {} } }, { seed: 1, jobs: 1, gapMs: [60_000, 60_001] });
    await other.end();
    expect(other.counts).toEqual({ never: 0 });
    await breaking;
    expect(one.now).toContain('fault');
    const ending = one.end();
    expect(mended).toBe(false);
    mend();
    await ending;
    expect(mended).toBe(true);
  });

  it('lets jobs go as faults come: no share of them before the same share of faults', async () => {
    const told: string[] = [];
    const half = storm(told, { jobs: 1_000 });
    await half.reached(0.5);
    for (const place of ['left', 'right']) expect(of(told, place).length).toBeGreaterThanOrEqual(5);
    await half.end();
    await expect(half.reached(1e6)).rejects.toThrow();
  });
});

describe('the faults', () => {
  it('of a bucket and of a disk together are all that there are', () => {
    const disk = {} as SmallDisk;
    const names = [faultsOf({}), faultsOf({ disk })].flatMap((places) => Object.values(places).flatMap(Object.keys));
    expect(new Set(names)).toEqual(new Set(allFaults));
  });
});
