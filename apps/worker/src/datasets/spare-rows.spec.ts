import { describe, expect, it } from 'vitest';
import { SpareRows } from './spare-rows.js';

const rows = () => new SpareRows({ capacity: 4, handsPerRow: 1.5 });

/** How many of so many takers got a row by now. */
async function takers(spare: SpareRows, count: number): Promise<() => Promise<number>> {
  let got = 0;
  for (let i = 0; i < count; i += 1) void spare.take().then(() => (got += 1));
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return got;
  };
}

describe('SpareRows', () => {
  it('keeps every row busy, and half a batch more, while no user is there', async () => {
    expect(await (await takers(rows(), 10))()).toBe(6);
  });

  it('leaves users their rows, and keeps one even when they fill all', async () => {
    const spare = rows();
    spare.enter(3);
    expect(await (await takers(spare, 10))()).toBe(1);
    const full = rows();
    full.enter(40);
    expect(await (await takers(full, 10))()).toBe(1);
  });

  it('gives none back to a data set while users need them, and all when they have gone', async () => {
    const spare = rows();
    const got = await takers(spare, 20);
    expect(await got()).toBe(6);
    const leave = spare.enter(4);
    for (let i = 0; i < 5; i += 1) spare.give();
    expect(await got()).toBe(6); // one of them is still in work
    spare.give();
    expect(await got()).toBe(7);
    leave();
    expect(await got()).toBe(12);
  });

  it('tells how many rows of the engine data sets have, busy or not', () => {
    const spare = rows();
    expect(spare.spare).toBe(4);
    const leave = spare.enter(3);
    expect(spare.spare).toBe(1);
    leave();
    expect(spare.spare).toBe(4);
  });
});
