import { describe, expect, it } from 'vitest';
import { Batch } from './batch.js';

describe('Batch', () => {
  it('hands on together what arrives in one turn, later arrivals later, and answers each in its place', async () => {
    const flushed: number[][] = [];
    const batch = new Batch<number, number>(async (items) => (flushed.push([...items]), items.map((item) => item * 10)));
    expect(await Promise.all([batch.push(1), batch.push(2)])).toEqual([10, 20]);
    expect(await batch.push(3)).toBe(30);
    expect(flushed).toEqual([[1, 2], [3]]);
  });

  it('cuts a flood into batches of 500 without losing or doubling any', async () => {
    const flushed: number[][] = [];
    const batch = new Batch<number, number>(async (items) => (flushed.push([...items]), items));
    const numbers = Array.from({ length: 1_201 }, (_, index) => index);
    expect(await Promise.all(numbers.map((index) => batch.push(index)))).toEqual(numbers);
    expect(flushed.map((items) => items.length)).toEqual([500, 500, 201]);
  });

  it('rejects every push of a batch that fails, and goes on', async () => {
    let fails = true;
    const batch = new Batch<number, number>(async (items) => {
      if (fails) throw new Error('Redis is away');
      return items;
    });
    const results = await Promise.allSettled([batch.push(1), batch.push(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    await expect(batch.push(3)).resolves.toBe(3);
  });
});
