import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Audit } from '@slipstream/queue';
import { judge, nextLevel, type Bounds } from './verdict.js';

const bounds: Bounds = { window: 8, minScoreDifference: -5 };
const audits = (...differences: number[]): Audit[] => differences.map((scoreDifference) => ({ agreement: 0.5, scoreDifference }));
const eight = (value: number, noise = 0): Audit[] => audits(...[-3, -2, -1, 0, 0, 1, 2, 3].map((unit) => value + unit * noise));

describe('a verdict', () => {
  it.each([
    ['good', eight(0, 1)], ['good', eight(-5)], ['bad', eight(-9, 1)], ['unclear', eight(-6, 3)], ['unclear', eight(-5, 1)], ['unclear', eight(-4, 3)],
  ])('is %s where that is sure', (kind, window) => {
    expect(judge(window, bounds).kind).toBe(kind);
  });

  it('says what was measured and what is wanted', () => {
    expect(judge(eight(-9), bounds)).toEqual({ kind: 'bad', reason: 'score less that with every step full is -9 (95 % interval -9 to -9) in the last 8 audits, where at least -5 is wanted' });
  });

  it('waits for a full window, and looks at no more than that', () => {
    expect(judge(eight(-9).slice(1), bounds).kind).toBe('unclear');
    expect(judge([...eight(-90), ...eight(0)], bounds).kind).toBe('good');
  });

  it('takes agreement for quality only where it is told to', () => {
    const strange = eight(0).map((audit) => ({ ...audit, agreement: 0.01 }));
    expect(judge(strange, bounds).kind).toBe('good');
    expect(judge(strange, { ...bounds, minAgreement: 0.2 })).toMatchObject({ kind: 'bad', reason: expect.stringContaining('token agreement') });
  });

  it('is none without scores, or with scores for a part of the window', () => {
    const without = eight(-9).map(({ agreement }) => ({ agreement }));
    expect(judge(without, bounds).kind).toBe('unclear');
    expect(judge([...without.slice(1), ...audits(-9)], bounds).kind).toBe('unclear');
    expect(judge(without, { ...bounds, minAgreement: 0.9 }).kind).toBe('bad');
  });

  it('is never good below a bound nor bad above it', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: -40, max: 40, noNaN: true }), { minLength: 8, maxLength: 8 }), (differences) => {
      const { kind } = judge(audits(...differences), bounds);
      const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
      if (kind === 'good') expect(mean).toBeGreaterThanOrEqual(-5 - 1e-9);
      if (kind === 'bad') expect(mean).toBeLessThan(-5);
    }));
  });
});

describe('a fallback level', () => {
  const safest = 3;
  const verdict = fc.constantFrom<'good' | 'bad' | 'unclear'>('good', 'bad', 'unclear');
  const level = fc.integer({ min: 0, max: safest });

  it('moves one up or all the way back, and never beyond the safest', () => {
    fc.assert(fc.property(level, level, verdict, (now, at, kind) => {
      const next = nextLevel({ now, level: at, verdict: kind, safest });
      expect([0, now, Math.min(now + 1, safest)]).toContain(next);
    }));
  });

  it('rises only by what is made now, returns only by what was asked for, and an unclear verdict changes nothing', () => {
    fc.assert(fc.property(level, level, verdict, (now, at, kind) => {
      const next = nextLevel({ now, level: at, verdict: kind, safest });
      if (next > now) expect([at, kind]).toEqual([now, 'bad']);
      if (next < now) expect([at, kind]).toEqual([0, 'good']);
    }));
  });

  /** A fleet in small: windows that a change empties, as the board keeps them. */
  function play(differencesAt: (level: number, audit: number) => number, rounds: number): number[] {
    let now = 0;
    let windows = new Map<number, Audit[]>();
    return Array.from({ length: rounds }, (_, round) => {
      for (const at of new Set([0, now < safest ? now : 0])) {
        const window = [...(windows.get(at) ?? []), ...audits(differencesAt(at, round))];
        windows.set(at, window);
        const next = nextLevel({ now, level: at, verdict: judge(window, bounds).kind, safest });
        if (next !== now) windows = new Map();
        if (next !== now) return (now = next);
      }
      return now;
    });
  }

  it('ends at the first level that is good enough, or at the safest', () => {
    fc.assert(fc.property(level, (enough) => {
      expect(play((at) => (at >= enough ? 0 : -20), 100).at(-1)).toBe(enough);
    }), { numRuns: 10 });
  });

  it('recovers when what was asked for is good again, and only then', () => {
    const levels = play((at, audit) => (at === 0 && audit < 40 ? -20 : 0), 80);
    expect(levels[39]).toBe(1);
    expect(levels.at(-1)).toBe(0);
    expect(levels.findLastIndex((at) => at === 1)).toBeGreaterThanOrEqual(40);
  });

  it('changes at most once a window, however the audits jump', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(-60, 0, 60), { minLength: 60, maxLength: 60 }), (jumps) => {
      const levels = play((_, audit) => jumps[audit]!, jumps.length);
      const changes = levels.flatMap((at, i) => (at !== (levels[i - 1] ?? 0) ? [i] : []));
      changes.forEach((at, i) => expect(at - (changes[i - 1] ?? -1)).toBeGreaterThanOrEqual(bounds.window));
    }), { numRuns: 30 });
  });
});
