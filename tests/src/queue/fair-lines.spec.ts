import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { admit, FairQueue, perSecondNow, promiseAtMs, retryAfterSeconds, workOf, type Limits, type Standing } from '@slipstream/admission';
import { ScriptedLines } from '@slipstream/queue/testing';
import { makeJob } from './make-job.js';

/** The scripts decide as libs/admission does, name by name and number by number. */
describe('the scripts in Redis', { timeout: 120_000 }, () => {
  const redis = new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379');
  const prefixes: string[] = [];
  function open(): ScriptedLines {
    const prefix = `test-lines-${randomBytes(6).toString('hex')}`;
    prefixes.push(prefix);
    return new ScriptedLines(redis, prefix);
  }
  afterAll(async () => {
    for (const prefix of prefixes) for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1_000 })) if (keys.length > 0) await redis.unlink(keys);
    redis.disconnect();
  });

  const arrival = fc.record({ tenant: fc.constantFrom('a', 'b', 'c', 'D-4_x'), lane: fc.constantFrom('interactive' as const, 'batch' as const), n: fc.integer({ min: 1, max: 10 }), budget: fc.integer({ min: 1, max: 8 }) });
  const moves = fc.array(fc.oneof({ weight: 3, arbitrary: arrival }, { weight: 2, arbitrary: fc.constant('next' as const) }, { weight: 1, arbitrary: fc.nat({ max: 30 }) }), { maxLength: 80, size: 'max' });

  it('give out the same jobs in the same order as the fair queue, whatever comes and is cancelled', async () => {
    await fc.assert(fc.asyncProperty(moves, async (given) => {
      const [lines, queue, ids] = [open(), new FairQueue(), [] as string[]];
      await redis.hset(lines.keys.hands, 'total', 1_000_000);
      for (const move of given) {
        if (move === 'next') expect(await lines.take(1)).toEqual([queue.next()?.id].filter((id) => id !== undefined));
        else if (typeof move === 'number') { if (ids[move]) { await lines.cancel(ids[move]); queue.remove(ids[move]); } }
        else {
          const job = makeJob({ tenant: move.tenant, lane: move.lane, settings: { n: move.n, budget: move.budget } });
          ids.push(job.id);
          queue.add({ ...job, work: workOf(job.settings) });
          await lines.admit(job);
        }
      }
      const rest = Array.from({ length: queue.size }, () => queue.next()!.id);
      expect(await lines.take(500)).toEqual(rest);
    }), { numRuns: 60 });
  });

  const visit = fc.record({ gapMs: fc.nat({ max: 20_000 }), tenant: fc.constantFrom('a', 'b'), n: fc.integer({ min: 1, max: 4 }) });
  const bounds = fc.record({ requestsPerMinute: fc.integer({ min: 1, max: 40 }), pictures: fc.integer({ min: 10, max: 30 }), backlogSeconds: fc.integer({ min: 1, max: 20 }) });

  it('accept and refuse as admission does, and count the same tokens', async () => {
    await fc.assert(fc.asyncProperty(bounds, fc.array(visit, { maxLength: 40, size: 'max' }), async (limits: Limits, visits) => {
      const lines = open();
      const standings = new Map<string, Standing>();
      let [createdAtMs, fullSteps, shortcutSteps] = [Date.now(), 0, 0];
      for (const { gapMs, tenant, n } of visits) {
        createdAtMs += gapMs;
        const job = makeJob({ tenant, createdAtMs, settings: { n } });
        const standing: Standing = { heldPictures: 0, backlogPictures: 0, tenants: 0, drainPerSecond: 0, ...standings.get(tenant), backlogSeconds: fullSteps * 0.1 + shortcutSteps * 0.01 };
        const { refusal, bucket } = admit({ pictures: n, nowMs: createdAtMs }, standing, limits);
        const admission = await lines.admit(job, { limits });
        expect(admission).toMatchObject({ ...(refusal ? { verdict: 'refused', by: refusal } : { verdict: 'admitted' }), allowance: { limit: limits.requestsPerMinute, remaining: Math.floor(bucket.tokens) } });
        if (refusal) continue;
        standings.set(tenant, { ...standing, bucket, heldPictures: standing.heldPictures + n });
        fullSteps += n * 3;
        shortcutSteps += n * 5;
      }
    }), { numRuns: 60 });
  });

  it('know the drain rate, and what was promised, as admission does', async () => {
    await fc.assert(fc.asyncProperty(fc.double({ min: 0.01, max: 50, noNaN: true }), fc.integer({ min: 0, max: 400 }), async (perSecond, seconds) => {
      const lines = open();
      const atMs = Date.now();
      await redis.hset(lines.keys.drain, { perSecond, at: atMs });
      await redis.zadd(lines.keys.workers, atMs, 'w1', atMs, 'w2');
      await redis.hset(lines.keys.backlog, { pictures: 10, fullSteps: 10_000 });
      const nowMs = atMs + seconds * 1000;
      const limits = { requestsPerMinute: 60, pictures: 100, backlogSeconds: 400 };
      let standing: Standing = { heldPictures: 0, backlogSeconds: 1_000, backlogPictures: 10, tenants: 0, drainPerSecond: perSecondNow({ perSecond, atMs }, { nowMs, workers: 2 }) };
      for (const refusal of [1, 2, 3]) {
        standing = { ...standing, promisedAtMs: promiseAtMs({ deviceSeconds: refusal * 0.35, nowMs }, standing, limits) };
        const after = retryAfterSeconds('backlog', { pictures: refusal, nowMs }, { ...standing, bucket: { tokens: 60, atMs: nowMs } }, limits);
        expect(await lines.admit(makeJob({ createdAtMs: nowMs, settings: { n: refusal } }), { limits })).toMatchObject({ verdict: 'refused', by: 'backlog', retryAfterSeconds: after });
      }
    }), { numRuns: 40 });
  });

  it('leave what was taken and not added for the next who comes', async () => {
    const lines = open();
    const jobs = [makeJob(), makeJob()];
    for (const job of jobs) await lines.admit(job);
    const [first] = await lines.take(1);
    expect(first).toBe(jobs[0]!.id);
    expect(await lines.take(9)).toEqual([]); // no hands: one job lies ready, and no more
    expect(await lines.take(9, { staleMs: -1 })).toEqual([first]);
    await redis.hset(lines.keys.hands, 'total', 5);
    expect(await lines.take(9)).toEqual([jobs[1]!.id]);
  });
});
