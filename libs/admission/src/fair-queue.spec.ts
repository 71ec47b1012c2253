import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue, type Waiting } from './fair-queue.js';
import { laneCharges } from './policy.js';

const mostWork = 100;
const item = fc.record({ tenant: fc.constantFrom('a', 'b', 'c', 'd'), lane: fc.constantFrom('interactive' as const, 'batch' as const), work: fc.integer({ min: 1, max: mostWork }) });
const move = fc.oneof({ weight: 3, arbitrary: item }, { weight: 2, arbitrary: fc.constant('next' as const) }, { weight: 1, arbitrary: fc.nat({ max: 60 }) });

let made = 0;
const waiting = (given: Partial<Waiting> = {}): Waiting => ({ id: `i${(made += 1)}`, tenant: 'a', lane: 'interactive', work: 10, ...given });
const fill = (queue: FairQueue, count: number, given: Partial<Waiting>): void => void Array.from({ length: count }, () => queue.add(waiting(given)));
const take = (queue: FairQueue, count: number): Waiting[] => Array.from({ length: count }, () => queue.next()!);
const workOf = (items: readonly Waiting[], of: Partial<Waiting>): number => items.filter((each) => Object.entries(of).every(([key, value]) => each[key as keyof Waiting] === value)).reduce((sum, { work }) => sum + work, 0);

describe('the fair queue', () => {
  it('gives out whatever was put in once, unless it was removed, each tenant’s own in order', () => {
    fc.assert(fc.property(fc.array(move, { maxLength: 120, size: 'max' }), (moves) => {
      const queue = new FairQueue();
      const [added, removed, taken]: [Waiting[], Set<string>, Waiting[]] = [[], new Set(), []];
      for (const each of moves) {
        if (each === 'next') taken.push(...[queue.next()].filter((next) => next !== undefined));
        else if (typeof each === 'number') { const victim = added[each]; if (victim && queue.remove(victim.id)) removed.add(victim.id); }
        else { added.push(waiting(each)); queue.add(added.at(-1)!); }
        expect(queue.size).toBe(added.length - removed.size - taken.length);
      }
      while (queue.size > 0) taken.push(queue.next()!);
      expect(queue.next()).toBeUndefined();
      expect(new Set(taken.map(({ id }) => id))).toEqual(new Set(added.filter(({ id }) => !removed.has(id)).map(({ id }) => id)));
      expect(taken).toHaveLength(added.length - removed.size);
      for (const tenant of ['a', 'b', 'c', 'd']) for (const lane of ['interactive', 'batch']) {
        const own = (list: Waiting[]) => list.filter((each) => each.tenant === tenant && each.lane === lane && !removed.has(each.id)).map(({ id }) => id);
        expect(own(taken)).toEqual(own(added));
      }
    }));
  });

  it('takes one job of a tenant with ten thousand before another’s first, at most', () => {
    fc.assert(fc.property(fc.nat({ max: 200 }), fc.integer({ min: 1, max: mostWork }), (served, work) => {
      const queue = new FairQueue();
      fill(queue, 10_000, { tenant: 'many' });
      take(queue, served);
      queue.add(waiting({ tenant: 'one', work }));
      expect(take(queue, 2).map(({ tenant }) => tenant)).toContain('one');
    }), { numRuns: 20 });
  });

  it('gives tenants that all wait the same work, to within a job of each', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: mostWork }), { minLength: 2, maxLength: 6 }), fc.integer({ min: 50, max: 400 }), (works, count) => {
      const queue = new FairQueue();
      works.forEach((work, tenant) => fill(queue, count, { tenant: `t${tenant}`, work }));
      const taken = take(queue, count); // nobody can have run out
      const shares = works.map((_work, tenant) => workOf(taken, { tenant: `t${tenant}` }));
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(2 * Math.max(...works));
    }), { numRuns: 40 });
  });

  it('gives nothing for coming back: one job at a time gets no more than its share', () => {
    const queue = new FairQueue();
    fill(queue, 1_000, { tenant: 'many' });
    queue.add(waiting({ tenant: 'sly' }));
    const taken: Waiting[] = [];
    for (let round = 0; round < 400; round += 1) {
      const next = queue.next()!;
      taken.push(next);
      if (next.tenant === 'sly') queue.add(waiting({ tenant: 'sly' }));
    }
    expect(workOf(taken, { tenant: 'sly' })).toBeLessThanOrEqual(workOf(taken, { tenant: 'many' }) + 20);
  });

  it('charges nothing for what was removed', () => {
    const queue = new FairQueue();
    const mine = Array.from({ length: 500 }, () => waiting({ tenant: 'changed-its-mind' }));
    mine.forEach((each) => queue.add(each));
    fill(queue, 100, { tenant: 'other' });
    mine.forEach(({ id }) => queue.remove(id));
    queue.add(waiting({ tenant: 'changed-its-mind' }));
    expect(take(queue, 2).map(({ tenant }) => tenant)).toContain('changed-its-mind');
  });

  it('takes interactive before batch, and keeps for batch its share', () => {
    const queue = new FairQueue();
    fill(queue, 2_000, { lane: 'batch', tenant: 'bulk' });
    take(queue, 50);
    fill(queue, 2_000, { lane: 'interactive' });
    const taken = take(queue, 1_000);
    const share = workOf(taken, { lane: 'batch' }) / workOf(taken, {});
    expect(share).toBeCloseTo(laneCharges.interactive / (laneCharges.interactive + laneCharges.batch), 2);
    expect(taken.slice(0, 2).map(({ lane }) => lane)).toContain('interactive');
  });

  it('gives all to batch while nobody else wants anything', () => {
    const queue = new FairQueue();
    fill(queue, 30, { lane: 'batch' });
    expect(take(queue, 30).every(({ lane }) => lane === 'batch')).toBe(true);
    expect(queue.next()).toBeUndefined();
  });
});
