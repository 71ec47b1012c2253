import { expect, it } from 'vitest';
import { rowsOf } from './provenance';

it('shows every figure under its path, and nothing that is not there', () => {
  expect(rowsOf({ seed: 0, cache: { anchors: 0, result: 'off' }, fallback: undefined, expires_at: null })).toEqual([['seed', '0'], ['cache.anchors', '0'], ['cache.result', 'off']]);
});
