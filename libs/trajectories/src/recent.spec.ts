import { describe, expect, it } from 'vitest';
import { Recent } from './recent.js';

describe('the last few numbers', () => {
  it('have the median of what is there, 0 of nothing', () => {
    const recent = new Recent(4);
    const medians = [recent.median];
    for (const value of [5, 1, 9]) {
      recent.add(value);
      medians.push(recent.median);
    }
    expect(medians).toEqual([0, 5, 3, 5]);
  });

  it('forget the oldest', () => {
    const recent = new Recent(3);
    [100, 1, 2, 3].forEach((value) => recent.add(value));
    expect([recent.sum, recent.median, recent.count]).toEqual([6, 2, 4]);
  });
});
