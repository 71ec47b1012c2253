import { expect, it, onTestFinished } from 'vitest';
import { LastUsed } from './last-used.js';

function lastUsed(recordUse: (times: ReadonlyMap<string, number>) => Promise<void>): LastUsed {
  const used = new LastUsed({ recordUse });
  onTestFinished(() => used.close());
  return used;
}

it('many requests of some keys are one write, and no request is none', async () => {
  const writes: ReadonlyMap<string, number>[] = [];
  const used = lastUsed(async (times) => void writes.push(times));
  for (const id of ['a', 'b', 'a', 'a']) used.saw(id);
  await used.flush();
  await used.flush();
  expect(writes.map((times) => [...times.keys()])).toEqual([['a', 'b']]);
});

it('what could not be written goes with the next write, unless seen again since', async () => {
  const writes: ReadonlyMap<string, number>[] = [];
  let away = true;
  const used = lastUsed(async (times) => {
    if (away) throw new Error('away');
    writes.push(times);
  });
  used.saw('a');
  await used.flush();
  used.saw('b');
  away = false;
  await used.flush();
  expect(writes.map((times) => [...times.keys()])).toEqual([['a', 'b']]);
});
