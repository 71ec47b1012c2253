import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, promiseAtMs, retryAfterSeconds, type Limits, type Standing } from './admit.js';

const limits: Limits = { requestsPerMinute: 60, pictures: 20, backlogSeconds: 100 };
const idle: Standing = { heldPictures: 0, backlogSeconds: 0, backlogPictures: 0, tenants: 0, drainPerSecond: 4 };
const ask = { pictures: 2, nowMs: 1_000 };

describe('admission', () => {
  it('accepts up to each bound and refuses beyond it, rate first', () => {
    expect(admit(ask, idle, limits)).toEqual({ bucket: { tokens: 59, atMs: 1_000 } });
    expect(admit(ask, { ...idle, heldPictures: 18 }, limits).refusal).toBeUndefined();
    expect(admit(ask, { ...idle, heldPictures: 19 }, limits).refusal).toBe('quota');
    expect(admit(ask, { ...idle, backlogSeconds: 99 }, limits).refusal).toBeUndefined();
    expect(admit(ask, { ...idle, backlogSeconds: 100 }, limits).refusal).toBe('backlog');
    expect(admit(ask, { ...idle, bucket: { tokens: 0.9, atMs: 1_000 }, heldPictures: 20, backlogSeconds: 100 }, limits).refusal).toBe('rate');
  });

  it('accepts in any time no more than a minute’s worth and what came in since', () => {
    fc.assert(fc.property(fc.array(fc.nat({ max: 5_000 }), { minLength: 1, maxLength: 300, size: 'max' }), (gapsMs) => {
      let [nowMs, accepted] = [0, 0];
      let standing = idle;
      for (const gapMs of gapsMs) {
        nowMs += gapMs;
        const { refusal, bucket } = admit({ pictures: 1, nowMs }, standing, limits);
        if (!refusal) accepted += 1;
        standing = { ...idle, bucket };
      }
      expect(accepted).toBeLessThanOrEqual(Math.floor(60 + nowMs / 1000));
      expect(accepted).toBeGreaterThanOrEqual(Math.min(gapsMs.length, 60));
    }));
  });

  it('takes nothing for a refusal, and a clock that goes back stops nobody for long', () => {
    const full = { ...idle, heldPictures: 20 };
    expect(admit(ask, full, limits).bucket.tokens).toBe(60);
    const ahead = admit({ pictures: 1, nowMs: 3_600_000 }, { ...idle, bucket: { tokens: 0, atMs: 3_590_000 } }, limits);
    expect(ahead.bucket).toEqual({ tokens: 9, atMs: 3_600_000 });
    const back = admit({ pictures: 1, nowMs: 1_000 }, { ...idle, bucket: ahead.bucket }, limits);
    expect(back.bucket).toEqual({ tokens: 8, atMs: 1_000 });
  });
});

describe('the time to come back', () => {
  const bucket = { tokens: 0.25, atMs: 1_000 };

  it('is when the bucket holds a request again, and then it is accepted', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 6_000 }), (tokens, requestsPerMinute) => {
      const own = { ...limits, requestsPerMinute };
      const seconds = retryAfterSeconds('rate', ask, { ...idle, bucket: { tokens, atMs: 0 } }, own);
      const at = (nowMs: number) => admit({ pictures: 1, nowMs }, { ...idle, bucket: { tokens, atMs: 0 } }, own).refusal;
      expect(at(seconds * 1000)).toBeUndefined();
      if (seconds > 1) expect(at(seconds * 1000 - 1_001)).toBe('rate');
    }));
  });

  it('is how long the fleet takes for what is too much', () => {
    expect(retryAfterSeconds('backlog', ask, { ...idle, backlogSeconds: 180, promisedAtMs: 6_000, bucket }, limits)).toBe(25);
    expect(retryAfterSeconds('quota', ask, { ...idle, heldPictures: 28, backlogSeconds: 60, backlogPictures: 30, tenants: 3, bucket }, limits)).toBe(15);
  });

  it('is later for each who is refused, since not all can come back at once, and no later than a full backlog', () => {
    const seconds: number[] = [];
    let promisedAtMs = 0;
    for (let refusal = 0; refusal < 100; refusal += 1) {
      promisedAtMs = promiseAtMs({ deviceSeconds: 2, nowMs: ask.nowMs }, { ...idle, promisedAtMs }, limits);
      seconds.push(retryAfterSeconds('backlog', ask, { ...idle, backlogSeconds: 100, promisedAtMs, bucket }, limits));
    }
    expect(seconds.slice(0, 6)).toEqual([1, 1, 2, 2, 3, 3]);
    expect(seconds.at(-1)).toBe(25);
    expect(promiseAtMs({ deviceSeconds: 2, nowMs: 99_000 }, { ...idle, promisedAtMs }, limits)).toBe(99_500);
  });

  it('is a minute where nothing is being finished, and never more than an hour', () => {
    const stuck = { ...idle, drainPerSecond: 0, backlogSeconds: 180, bucket };
    expect(retryAfterSeconds('backlog', ask, { ...stuck, promisedAtMs: promiseAtMs({ deviceSeconds: 1, nowMs: ask.nowMs }, stuck, limits) }, limits)).toBe(60);
    expect(retryAfterSeconds('backlog', ask, { ...idle, drainPerSecond: 0.001, backlogSeconds: 180, bucket }, limits)).toBe(3_600);
  });
});
