import { describe, expect, it } from 'vitest';
import { parseOptions, usualOptions } from './options.js';

describe('the options of a chaos run', () => {
  it('are the usual ones where nothing else is said', () => {
    expect(parseOptions([])).toEqual(usualOptions);
    expect(parseOptions(['--jobs', '300', '--seed', '2', '--in-flight', '16', '--out', 'folder'])).toEqual({ ...usualOptions, jobs: 300, seed: 2, inFlight: 16, out: 'folder' });
  });

  it.each([['--jobs', 'many'], ['--seed', '-1'], ['--rounds', '1.5'], ['--minutes', '100000']])('refuse %s %s by its name', (key, value) => {
    expect(() => parseOptions([`${key}=${value}`])).toThrow(new RegExp(key));
  });
});
