import { describe, expect, it } from 'vitest';
import { parseConfig } from '@slipstream/server-kit';
import { scorerDirs, workerConfig } from './worker-config.js';

const parse = (env: Record<string, string>) => parseConfig(workerConfig, env);

describe('the worker’s configuration', () => {
  it('refuses the queue’s Redis as a cache by name, however it is written, and takes another', () => {
    expect(() => parse({ CACHE_REDIS_URL: 'redis://localhost/5' })).toThrow(/CACHE_REDIS_URL must be another Redis than REDIS_URL.*allkeys-lfu/);
    expect(parse({ CACHE_REDIS_URL: 'redis://localhost:6380' })).toMatchObject({ CACHE_REDIS_URL: 'redis://localhost:6380', CACHE_ELEMENT: 'fp32', CACHE_ANCHORS: 'first', CACHE_RESULTS: 'on' });
    expect(parse({})).not.toHaveProperty('CACHE_REDIS_URL');
  });

  it('audits a hundredth, lets scores decide and agreement not', () => {
    expect(parse({})).toMatchObject({ AUDIT_SHARE: 0.01, AUDIT_WINDOW: 50, AUDIT_MIN_SCORE_DIFFERENCE: -5, AUDIT_FALLBACK: 'on', SCORE_SHARE: 0.01 });
    expect(parse({}).AUDIT_MIN_AGREEMENT).toBeUndefined();
    expect(parse({ AUDIT_MIN_AGREEMENT: '0.4', AUDIT_SHARE: '0' })).toMatchObject({ AUDIT_MIN_AGREEMENT: 0.4, AUDIT_SHARE: 0 });
  });

  it.each([['AUDIT_SHARE', '1.1'], ['AUDIT_SHARE', 'some'], ['AUDIT_WINDOW', '0'], ['AUDIT_MIN_SCORE_DIFFERENCE', '1'], ['AUDIT_MIN_AGREEMENT', '-1'], ['AUDIT_FALLBACK', 'maybe'], ['SCORE_SHARE', '-0.1']])('refuses %s of %s', (key, value) => {
    expect(() => parse({ [key]: value })).toThrow(new RegExp(`${key} must`));
  });

  it('opens the scorers that are named, those that ship for the bundle that ships, and otherwise none', () => {
    expect(scorerDirs(parse({}))).toEqual(['bundles/scorers/emoji-text', 'bundles/scorers/emoji-classifier']);
    expect(scorerDirs(parse({ BUNDLE: '/my/bundle' }))).toEqual([]);
    expect(scorerDirs(parse({ BUNDLE: '/my/bundle', SCORERS: ' /a, /b ' }))).toEqual(['/a', '/b']);
    expect(scorerDirs(parse({ SCORERS: 'none' }))).toEqual([]);
  });
});
