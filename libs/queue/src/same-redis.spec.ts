import { expect, it } from 'vitest';
import { sameRedis } from './same-redis.js';

it.each([
  ['redis://127.0.0.1:6379', 'redis://localhost/3', true],
  ['redis://user:secret@cache:6380', 'rediss://CACHE:6380/1', true],
  ['redis://[::1]:6379', 'redis://127.0.0.1', true],
  ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6380', false],
  ['redis://queue', 'redis://cache', false],
])('%s and %s are one instance: %s', (one, other, same) => expect(sameRedis(one, other)).toBe(same));
