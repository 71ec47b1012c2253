import { describe, expect, it } from 'vitest';
import { FirstStepTiers } from './caches.js';
import { recordCourse } from './course.js';
import { Scaling } from './scaling.js';
import { simulate, type SimulationOptions } from './simulate.js';
import { Timeline } from './timeline.js';

const small: SimulationOptions = { seed: 3, seconds: 120, load: 0.8, fleet: { devices: 8 }, traffic: { people: 30, bulkTenants: 3 } };

describe('the simulation', () => {
  it('lets things happen in their order', () => {
    const [timeline, seen] = [new Timeline(), [] as string[]];
    timeline.after(2, () => seen.push('c'));
    timeline.after(1, () => (seen.push('a'), timeline.after(0, () => seen.push('b'))));
    timeline.after(9, () => seen.push('never'));
    timeline.runUntil(5);
    expect([seen, timeline.now]).toEqual([['a', 'b', 'c'], 5]);
  });

  it('makes rows ask for what a real one asks for', async () => {
    const kinds = (await recordCourse()).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'full')).toHaveLength(4);
    expect(kinds.filter((kind) => kind === 'anchored')).toHaveLength(28);
    expect([kinds[0], kinds.at(-1)]).toEqual(['full', 'decode']);
  });

  it('is the same for the same seed, and another for another', async () => {
    const [one, again, other] = [await simulate(small), await simulate(small), await simulate({ ...small, seed: 4 })];
    expect(again.tally.moments).toEqual(one.tally.moments);
    expect(other.tally.moments).not.toEqual(one.tally.moments);
  });

  it('loses no job, though devices are lost', async () => {
    const calm = { ...small, seconds: 300, load: 0.4, traffic: { ...small.traffic, burstShare: 0 } };
    const { tally, unfinished, fleet } = await simulate({ ...calm, fleet: { devices: 8, losses: { everySeconds: 60, takeOverSeconds: 15, repairSeconds: 20 } } });
    expect(tally.begunAgain).toBeGreaterThan(0);
    expect(tally.completedJobs + unfinished).toBe(tally.accepted);
    expect(unfinished).toBeLessThan(8 * 32);
    expect(fleet.waiting).toBeLessThan(100);
  });

  it('makes people wait less than bursts under fair shares, and as long as them without', async () => {
    const busy = { ...small, seconds: 400, load: 1.1, traffic: { ...small.traffic, swing: 0.2, burstShare: 0.7 } };
    const [fair, plain] = [await simulate(busy), await simulate({ ...busy, fleet: { devices: 8, fair: false } })];
    expect(fair.tally.waits('person').p99).toBeLessThan(plain.tally.waits('person').p99 / 3);
    expect(fair.utilisation).toBeCloseTo(plain.utilisation, 1);
  });

  it('tells clients when to come back, and then has room for most of them', async () => {
    const limits = { requestsPerMinute: 1e9, pictures: 1e9, backlogSeconds: 100 };
    const { tally } = await simulate({ ...small, seconds: 400, load: 1, fleet: { devices: 8, limits } });
    expect(tally.refused.backlog).toBeGreaterThan(0);
    expect(tally.returned.times).toBeGreaterThan(0);
    expect(tally.accepted).toBeGreaterThan(0);
  });

  it('follows the backlog up at once and down only when it has stayed low', () => {
    const scaling = new Scaling({ targetSeconds: 10, least: 1, most: 50, pollSeconds: 15, startSeconds: 60, stableSeconds: 300 });
    expect(scaling.wanted({ now: 0, backlogSeconds: 95 })).toBe(10);
    expect(scaling.wanted({ now: 15, backlogSeconds: 9_999 })).toBe(50);
    expect(scaling.wanted({ now: 200, backlogSeconds: 0 })).toBe(50);
    expect(scaling.wanted({ now: 316, backlogSeconds: 0 })).toBe(1);
  });

  it('finds a prompt where it was used before', () => {
    const tiers = new FirstStepTiers<string>({ own: 1, fleet: 2 });
    expect([tiers.use('a', 1), tiers.use('a', 1), tiers.use('b', 1), tiers.use('a', 2), tiers.use('a', 1)]).toEqual(['nowhere', 'own', 'fleet', 'nowhere', 'fleet']);
  });
});
