import { expect, it } from 'vitest';
import { anyFilter, queryOf } from './filter';

it('a filter asks the server for what narrows, and for nothing where anything will do', () => {
  expect(queryOf(anyFilter)).toEqual({});
  expect(queryOf({ status: '', age: 'ever', prompt: '  ' })).toEqual({});
  expect(queryOf({ status: 'failed', age: 'last hour', prompt: ' Apple ' }, 10_000_000)).toEqual({ status: 'failed', created_after: 6_400, prompt: 'Apple' });
});
