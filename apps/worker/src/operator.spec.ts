import { describe, expect, it } from 'vitest';
import type { GenerationRecord } from '@slipstream/contracts';
import { askOperator } from './operator.js';

const record = (id: string): GenerationRecord => ({ id, endedAtMs: 0, losses: 3, error: { code: 'worker_lost', message: 'every worker stopped' }, settings: { strategy: 'anchored' } }) as GenerationRecord;

async function asked(args: string[], failed: string[] = ['gen_a', 'gen_b']): Promise<{ code: number; said: string[]; retried: string[] }> {
  const [said, retried]: [string[], string[]] = [[], []];
  const queue = { check: async () => {}, failed: async () => failed.map(record), retry: async (id: string) => failed.includes(id) && (retried.push(id), true) };
  const code = await askOperator(args, { queue, say: (line) => said.push(line) });
  return { code, said, retried };
}

describe('an operator', () => {
  it('sees what failed and why', async () => {
    const { code, said } = await asked(['failed']);
    expect(code).toBe(0);
    expect(said).toHaveLength(2);
    expect((await asked(['failed'], [])).said).toEqual(['nothing has failed']);
    expect(said[0]).toMatch(/1970-01-01.*gen_a .*worker_lost .*3 workers lost .*anchored .*every worker stopped/);
  });

  it('tries some of it again, or all', async () => {
    expect(await asked(['retry', 'gen_b'])).toMatchObject({ code: 0, retried: ['gen_b'], said: ['gen_b waits again'] });
    expect((await asked(['retry', '--all'])).retried).toEqual(['gen_a', 'gen_b']);
  });

  it('is told what cannot be tried again, after the rest was', async () => {
    expect(await asked(['retry', 'gen_x', 'gen_a'])).toMatchObject({ code: 1, retried: ['gen_a'], said: [expect.stringMatching(/gen_x has not failed/), 'gen_a waits again'] });
  });

  it('is told the usage', async () => {
    for (const args of [[], ['retry'], ['drop', 'gen_a']]) expect(await asked(args)).toMatchObject({ code: 2, said: [expect.stringMatching(/^usage/)] });
  });

  it('is told when Redis does not answer', async () => {
    const said: string[] = [];
    const queue = { check: () => Promise.reject(new Error('Redis is away')), failed: async () => [], retry: async () => false };
    expect(await askOperator(['failed'], { queue, say: (line) => said.push(line), patienceMs: 0 })).toBe(1);
    expect(said).toEqual(['Redis is away']);
  });
});
