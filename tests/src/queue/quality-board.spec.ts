import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Sampling } from '@slipstream/contracts';
import { QualityBoard, type Audit, type Fallback } from '@slipstream/queue';
import { eventually, ownRedis } from '../harness/index.js';

const asked: Sampling = { strategy: 'shortcut', steps: 8, budget: 2, knobs: { placement: 'steps' }, guidance: 2, temperature: 1 };
const fallen: Fallback = { strategy: 'shortcut', level: 1, reason: 'agreement is low' };
const found = (agreement: number): Audit => ({ agreement, scoreDifference: -agreement });

describe('the quality board on a real Redis', () => {
  const boards: QualityBoard[] = [];
  const redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
  const prefix = () => `test-board-${randomBytes(6).toString('hex')}`;
  function open(options: { prefix: string; bundle?: string; redisUrl?: string }): QualityBoard {
    const board = new QualityBoard({ redisUrl, bundle: 'b1', refreshMs: 20, ...options });
    boards.push(board);
    return board;
  }
  afterEach(() => boards.splice(0).forEach((board) => board.close()));

  it('keeps the last audits of each setting and level, for all workers', async () => {
    const own = prefix();
    const [one, other] = [open({ prefix: own }), open({ prefix: own })];
    for (const agreement of [0.1, 0.2, 0.3]) await one.add(asked, 0, { audit: found(agreement), keep: 3 });
    await one.add({ ...asked, budget: 3 }, 0, { audit: found(0.9), keep: 3 });
    await one.add(asked, 1, { audit: found(0.8), keep: 3 });
    const { window, fallback } = await other.add(asked, 0, { audit: { agreement: 0.4 }, keep: 3 });
    expect(window).toEqual([found(0.2), found(0.3), { agreement: 0.4 }]);
    expect(fallback).toBeUndefined();
  });

  it('changes a fallback once, whoever asks, tells all of it and starts its audits anew', async () => {
    const own = prefix();
    const [one, other] = [open({ prefix: own }), open({ prefix: own })];
    await one.add(asked, 0, { audit: found(0.1), keep: 9 });
    const won = await Promise.all([one, other].map((board) => board.change(asked, { from: undefined, to: fallen })));
    expect(won.filter(Boolean)).toHaveLength(1);
    await eventually(() => [one, other].every((board) => board.fallbackOf(asked)?.level === 1), { what: 'both know' });
    expect(other.fallbackOf({ ...asked, knobs: { placement: 'mass' } })).toBeUndefined();
    expect(await other.add(asked, 0, { audit: found(0.2), keep: 9 })).toEqual({ window: [found(0.2)], fallback: fallen });
    expect(await one.change(asked, { from: fallen, to: undefined })).toBe(true);
    await eventually(() => other.fallbacks.size === 0, { what: 'recovered everywhere' });
  });

  it('is empty for another bundle, and once it was cleared', async () => {
    const own = prefix();
    const board = open({ prefix: own });
    await board.change(asked, { from: undefined, to: fallen });
    const next = open({ prefix: own, bundle: 'b2' });
    await next.refresh();
    expect([board.fallbacks.size, next.fallbacks.size]).toEqual([1, 0]);
    await board.clear();
    expect(board.fallbacks.size).toBe(0);
  });

  it('loses nothing of what many workers add at once', async () => {
    const own = prefix();
    const workers = [open({ prefix: own }), open({ prefix: own }), open({ prefix: own })];
    await Promise.all(workers.flatMap((board) => Array.from({ length: 20 }, () => board.update('sum', (present = '0') => String(Number(present) + 1)))));
    expect(await workers[0]!.update('sum', (present = '') => present)).toBe('60');
  });

  it('goes on with what it knew while Redis is away, and waits for it to write', async () => {
    const redis = await ownRedis();
    await redis.start();
    const board = open({ prefix: prefix(), redisUrl: redis.url });
    await board.change(asked, { from: undefined, to: fallen });
    await redis.stop();
    const writing = board.add(asked, 1, { audit: found(0.5), keep: 9 });
    expect(board.fallbackOf(asked)).toEqual(fallen);
    await redis.start(); // without persistence: it comes back empty
    expect((await writing).window).toEqual([found(0.5)]);
    await eventually(() => board.fallbacks.size === 0, { what: 'what Redis lost is over' });
    await redis.dispose();
  });
});
