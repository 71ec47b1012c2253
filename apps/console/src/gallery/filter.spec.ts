import { describe, expect, it } from 'vitest';
import { anyFilter, promptFits, queryOf } from './filter';

describe('a filter', () => {
  it('asks the server for what it can narrow', () => {
    expect(queryOf(anyFilter)).toEqual({});
    expect(queryOf({ status: 'failed', age: 'last hour' }, 10_000_000)).toEqual({ status: 'failed', created_after: 6_400 });
  });

  it('looks for words in prompts in any case', () => {
    expect(promptFits({ prompt: 'Red Apple' }, { prompt: ' apple ' })).toBe(true);
    expect(promptFits({ prompt: 'Red Apple' }, { prompt: 'pear' })).toBe(false);
    expect(promptFits({ prompt: 'Red Apple' }, { prompt: '' })).toBe(true);
  });
});
