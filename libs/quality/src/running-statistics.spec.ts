import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianOf } from './gaussian.js';
import { RunningStatistics } from './running-statistics.js';

const space = { scorer: 'a'.repeat(64), channels: 3 };
const feature = fc.float({ min: -200, max: 200, noNaN: true });
const picture = fc.array(feature, { minLength: 3, maxLength: 3 });
const pictures = fc.array(picture, { minLength: 2, maxLength: 80 });

function statisticsOf(rows: readonly number[][]): RunningStatistics {
  const statistics = new RunningStatistics(space);
  rows.forEach((row) => statistics.add(row));
  return statistics;
}
const bits = (statistics: RunningStatistics): string => JSON.stringify([statistics, statistics.gaussian()]);
const refusal = (param: string, words: RegExp) => expect.objectContaining({ code: 'bundle_invalid', param, message: expect.stringMatching(words) });

describe('RunningStatistics', () => {
  it('gives the same bits in any order, split over any workers, merged in any order, directly or as JSON', () => {
    fc.assert(
      fc.property(
        pictures.chain((rows) => fc.record({ rows: fc.constant(rows), shuffled: fc.shuffledSubarray(rows, { minLength: rows.length }), owners: fc.array(fc.nat(3), { minLength: rows.length, maxLength: rows.length }), order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), json: fc.boolean() })),
        ({ rows, shuffled, owners, order, json }) => {
          const merged = new RunningStatistics(space);
          for (const worker of order) {
            const part = statisticsOf(shuffled.filter((_, i) => owners[i] === worker));
            if (json) merged.mergeRecord(JSON.parse(JSON.stringify(part)));
            else merged.merge(part);
          }
          expect(bits(merged)).toBe(bits(statisticsOf(rows)));
        },
      ),
    );
  });

  it('groups merges as it likes: (a + b) + c is a + (b + c)', () => {
    fc.assert(
      fc.property(pictures, pictures, pictures, (a, b, c) => {
        const left = statisticsOf(a);
        left.merge(statisticsOf(b));
        left.merge(statisticsOf(c));
        const right = statisticsOf(b);
        right.merge(statisticsOf(c));
        const whole = statisticsOf(a);
        whole.merge(right);
        expect(bits(whole)).toBe(bits(left));
      }),
    );
  });

  it('agrees with the two-pass mean and covariance within the rounding of features', () => {
    fc.assert(
      fc.property(pictures, (rows) => {
        const [running, exact] = [statisticsOf(rows).gaussian(), gaussianOf(rows.map((row) => Float32Array.from(row)))];
        expect(running.count).toBe(exact.count);
        for (let i = 0; i < 3; i += 1) expect(running.mean[i]).toBeCloseTo(exact.mean[i]!, 4);
        for (let i = 0; i < 9; i += 1) expect(Math.abs(running.covariance[i]! - exact.covariance[i]!)).toBeLessThan(0.02);
      }),
    );
  });

  it('loses nothing far from 0 and over many pictures', () => {
    const statistics = statisticsOf(Array.from({ length: 3000 }, (_, i) => [200 + (i % 2) / 1024, -200, i % 3]));
    expect(statistics.gaussian().covariance[0]).toBeCloseTo((1 / 1024 ** 2 / 4) * (3000 / 2999), 15);
    expect(statistics.gaussian().covariance[4]).toBe(0);
  });

  it('refuses features that are no numbers or too large, naming the picture, and stays as it was', () => {
    const statistics = statisticsOf([[1, 2, 3]]);
    expect(() => statistics.add([1, NaN, 2], 'gen_7')).toThrow(refusal('features', /NaN at place 1 for picture gen_7; leave that picture out/));
    expect(() => statistics.add([1, Infinity, 2])).toThrow(refusal('features', /Infinity at place 1 for picture 1/));
    expect(() => statistics.add([0, 0, 300], 'x')).toThrow(refusal('features', /300 at place 2 for picture x; use a scorer whose features stay below 256/));
    expect(() => statistics.add([1, 2])).toThrow(refusal('features.length', /is 2, but these statistics are of 3/));
    expect(JSON.stringify(statistics)).toBe(JSON.stringify(statisticsOf([[1, 2, 3]])));
  });

  it('refuses the statistics of another scorer, naming both', () => {
    const other = new RunningStatistics({ ...space, scorer: 'b'.repeat(64) });
    expect(() => statisticsOf([]).merge(other)).toThrow(refusal('scorer', /^scorer is b{64}, but these statistics are of a{64}; compare only/));
    expect(() => statisticsOf([]).merge(new RunningStatistics({ ...space, channels: 4 }))).toThrow(refusal('channels', /is 4, .* of 3/));
  });

  it.each([
    ['a sum that is no whole number', { sums: ['1', '2.5', '3'] }, /sums\.1: a whole number/],
    ['too few products', { products: ['1'] }, /products: not one for each pair/],
    ['a negative count', { count: -1 }, /count:/],
  ])('refuses %s in a stored form', (_, change, words) => {
    const record = { ...statisticsOf([[1, 2, 3]]).toJSON(), ...change };
    expect(() => new RunningStatistics(space).mergeRecord(record)).toThrow(refusal('statistics', words));
  });

  it('has no covariance before two pictures', () => {
    expect(() => statisticsOf([[1, 2, 3]]).gaussian()).toThrow(/1 pictures have no covariance/);
  });
});
