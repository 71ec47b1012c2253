import { expect, it } from 'vitest';
import { inOrder } from './in-order.js';

async function* upTo(most: number): AsyncGenerator<number> {
  for (let item = 0; item < most; item += 1) yield item;
}
const turns = async (count: number): Promise<void> => { for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate); };

it('yields every result in its order, whichever is ready first, and works at no more than so many', async () => {
  let [working, highest] = [0, 0];
  const work = async (item: number): Promise<number> => {
    highest = Math.max(highest, ++working);
    await turns((item * 7) % 11);
    working -= 1;
    return item;
  };
  const seen: number[] = [];
  for await (const run of inOrder(upTo(100), work, { most: 8, size: () => 1, mostSize: 100 })) seen.push(...run);
  expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(highest).toBe(8);
});

it('begins nothing more while those at hand are large, and goes on after them', async () => {
  const atHand = new Set<number>();
  const size = (item: number): number => (item % 10 === 0 ? 50 : 1);
  const work = async (item: number): Promise<number> => {
    const before = [...atHand].reduce((sum, each) => sum + size(each), 0);
    expect(before).toBeLessThan(20);
    atHand.add(item);
    await turns(item % 3);
    return item;
  };
  const seen: number[] = [];
  for await (const run of inOrder(upTo(60), work, { most: 30, size, mostSize: 20 })) {
    seen.push(...run);
    run.forEach((item) => atHand.delete(item));
  }
  expect(seen).toHaveLength(60);
});

it('throws what the work throws, when its turn has come', async () => {
  const seen: number[] = [];
  const work = async (item: number): Promise<number> => {
    if (item === 3) throw new Error('no');
    return item;
  };
  await expect(async () => { for await (const run of inOrder(upTo(10), work, { most: 4, size: () => 1, mostSize: 100 })) seen.push(...run); }).rejects.toThrow('no');
  expect(seen).toEqual(seen.filter((item) => item < 3));
});
