import { describe, expect, it } from 'vitest';
import { queueUnavailable, redactedRedisUrl } from './redis.js';

describe('what is said of an unreachable Redis', () => {
  it('names the address and the remedy, and never the password', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const error = queueUnavailable('redis://someone:hunter2@10.0.0.7:6380/3', refused);
    expect(error.code).toBe('queue_unavailable');
    expect(error.retryable).toBe(true);
    expect(error.message).toContain('redis://10.0.0.7:6380/3');
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.message).toContain('REDIS_URL');
    expect(error.message).not.toContain('hunter2');
    expect(error.cause).toBe(refused);
  });

  it.each([
    ['OOM command not allowed when used memory > maxmemory', 'more memory'],
    ['WRONGPASS invalid username-password pair', 'user and password'],
    ['NOAUTH Authentication required.', 'user and password'],
  ])('has a remedy of its own for %s', (reply, remedy) => {
    expect(queueUnavailable('redis://h:1', new Error(reply)).message).toContain(remedy);
  });

  it('passes a domain error unchanged', () => {
    const error = queueUnavailable('redis://h:1', undefined);
    expect(queueUnavailable('redis://h:1', error)).toBe(error);
  });

  it('shows no part of an address that is none', () => {
    expect(redactedRedisUrl('not a url with secret')).toBe('redis address');
  });
});
