import { parseDatasetRequest } from '@slipstream/contracts';
import { describe, expect, it } from 'vitest';
import { promptsOf } from './prompts-of.js';

const nowhere = { store: { slice: () => Promise.reject(new Error('asked')) }, find: () => Promise.reject(new Error('asked')) };
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));
const template = (lists: Record<string, string[]>) => promptsOf(parseDatasetRequest({ template: Object.keys(lists).map((name) => `{${name}}`).join(' '), lists }), nowhere);

describe('the prompts of a request', () => {
  it('are refused at once where a template has more than a data set may have', async () => {
    await expect(template({ a: numbers(10_000), b: numbers(10_000), c: numbers(10_000) })).rejects.toMatchObject({ code: 'invalid_request', param: 'prompts', message: expect.stringMatching(/more than 10000000 rows/) });
  });

  it('leave turns to others while many are read', async () => {
    let turns = 0;
    let reading = true;
    const others = (): void => void (reading && ((turns += 1), setImmediate(others)));
    others();
    let rows = 0;
    for await (const _ of (await template({ a: numbers(200), b: numbers(200) })).rows()) rows += 1;
    reading = false;
    expect(rows).toBe(40_000);
    expect(turns).toBeGreaterThan(20);
  });
});
