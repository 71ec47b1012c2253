import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Company } from './company.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Company', () => {
  it('lets everyone in who needs no room of their own', async () => {
    const company = new Company();
    const entered = await Promise.all([1, 2, 3].map(() => company.enter({ alone: false })));
    expect(entered).toHaveLength(3);
  });

  it('keeps a job alone that has to be, serves in the order of arrival, and forgets nobody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), fc.infiniteStream(fc.nat(5)), async (jobs, choices) => {
        const company = new Company();
        const inside: { job: number; alone: boolean; leave: () => void }[] = [];
        const order: number[] = [];
        jobs.forEach((alone, job) => void company.enter({ alone }).then((leave) => (order.push(job), inside.push({ job, alone, leave }))));
        await turn();
        while (inside.length > 0) {
          if (inside.some(({ alone }) => alone)) expect(inside).toHaveLength(1);
          const [left] = inside.splice((choices.next().value as number) % inside.length, 1);
          left!.leave();
          await turn();
        }
        expect(order).toEqual(jobs.map((_, job) => job));
      }),
      { numRuns: 100 },
    );
  });
});
