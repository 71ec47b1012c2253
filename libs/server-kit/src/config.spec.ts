import { describe, expect, it } from 'vitest';
import { portKey, parseConfig, secondsKey, serverConfig } from './config.js';

const schema = serverConfig.extend({ PORT: portKey(8080), WAIT_SECONDS: secondsKey(50) });

describe('parseConfig', () => {
  it('has a default for every key, and takes an empty value for none', () => {
    expect(parseConfig(schema, { HOST: '', UNRELATED: 'x' })).toEqual({
      HOST: '127.0.0.1', PORT: 8080, REDIS_URL: 'redis://127.0.0.1:6379', QUEUE_PREFIX: 'slipstream', STORAGE_URL: 'file:.slipstream/pictures',
      BUNDLE: 'bundles/emoji', RESULT_TTL_SECONDS: 86_400, DRAIN_SECONDS: 20, LOG_LEVEL: 'info', WAIT_SECONDS: 50,
    });
  });

  it('turns numbers given as text into numbers', () => {
    expect(parseConfig(schema, { PORT: '9', WAIT_SECONDS: '0.5' })).toMatchObject({ PORT: 9, WAIT_SECONDS: 0.5 });
  });

  it('lists every bad key at once, and no value', () => {
    const bad = { REDIS_URL: 'http://me:hunter2@host', PORT: '70000', DRAIN_SECONDS: 'soon', LOG_LEVEL: 'loud', STORAGE_URL: 'ftp://x', QUEUE_PREFIX: 'a:b' };
    const failure = expect.objectContaining({ code: 'configuration_invalid' });
    expect(() => parseConfig(schema, bad)).toThrow(failure);
    const message = (() => { try { parseConfig(schema, bad); } catch (error) { return (error as Error).message; } })()!;
    for (const key of Object.keys(bad)) expect(message).toContain(`  ${key} must`);
    expect(message).not.toContain('hunter2');
    expect(message.split('\n')).toHaveLength(7);
  });
});
