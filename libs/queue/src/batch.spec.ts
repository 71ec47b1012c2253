import { describe, expect, it } from 'vitest';
import { Batch } from './batch.js';

describe('Batch', () => {
  it('hands on together what arrives in one turn, and later arrivals later', async () => {
    const flushed: number[][] = [];
    const batch = new Batch<number>(async (items) => void flushed.push([...items]));
    await Promise.all([batch.push(1), batch.push(2)]);
    await batch.push(3);
    expect(flushed).toEqual([[1, 2], [3]]);
  });

  it('cuts a flood into batches of 500 without losing or doubling any', async () => {
    const flushed: number[][] = [];
    const batch = new Batch<number>(async (items) => void flushed.push([...items]));
    await Promise.all(Array.from({ length: 1_201 }, (_, index) => batch.push(index)));
    expect(flushed.map((items) => items.length)).toEqual([500, 500, 201]);
    expect(flushed.flat()).toEqual(Array.from({ length: 1_201 }, (_, index) => index));
  });

  it('rejects every push of a batch that fails, and goes on', async () => {
    let fails = true;
    const batch = new Batch<number>(async () => {
      if (fails) throw new Error('Redis is away');
    });
    const results = await Promise.allSettled([batch.push(1), batch.push(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    await expect(batch.push(3)).resolves.toBeUndefined();
  });
});
