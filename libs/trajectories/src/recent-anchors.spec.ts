import { describe, expect, it } from 'vitest';
import { RecentAnchors } from './recent-anchors.js';

const branch = (value: number, channels = 4): Float32Array => new Float32Array(channels).fill(value);

describe('the memory of anchors', () => {
  it('forgets the one whose last use is longest ago when it holds more bytes than it may', () => {
    const memory = new RecentAnchors(3 * 16);
    ['1', '2', '3'].forEach((key) => memory.set(key, branch(Number(key))));
    memory.get('1');
    memory.set('4', branch(4));
    expect(['1', '2', '3', '4'].filter((key) => memory.get(key))).toEqual(['1', '3', '4']);
    expect(memory.sizeBytes).toBe(48);
  });

  it('counts one once, however often it is set', () => {
    const memory = new RecentAnchors(2 * 16);
    memory.set('1', branch(1));
    for (let time = 0; time < 5; time++) memory.set('2', branch(time));
    expect([memory.get('1'), memory.get('2')]).toEqual([branch(1), branch(4)]);
  });

  it('makes room for a large one, and keeps none that is larger than itself', () => {
    const memory = new RecentAnchors(3 * 16);
    ['1', '2', '3'].forEach((key) => memory.set(key, branch(1)));
    memory.set('4', branch(4, 8));
    expect(['1', '2', '3', '4'].filter((key) => memory.get(key))).toEqual(['3', '4']);
    memory.set('5', branch(5, 16));
    expect([memory.get('5'), memory.sizeBytes]).toEqual([undefined, 0]);
    memory.set('6', branch(6));
    expect(memory.get('6')).toEqual(branch(6));
  });
});
