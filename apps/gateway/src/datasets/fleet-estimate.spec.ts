import { datasetEstimate, type DatasetPlan } from '@slipstream/contracts';
import type { FleetCounts } from '@slipstream/queue';
import { describe, expect, it } from 'vitest';
import { FleetCosts, type FleetWeek } from './fleet-costs.js';
import { fleetEstimate } from './fleet-estimate.js';

const plan: DatasetPlan = {
  format: 'slipstream-dataset', version: 1, name: 'cups', bundle: { name: 'b', digest: 'ours' }, seed: 0, shards: 10, picturesPerPrompt: 10, filters: { exactDuplicates: false },
  settings: { strategy: 'anchored', steps: 32, budget: 4, knobs: {}, guidance: 2, temperature: 1, outputFormat: 'png', outputCompression: 90, background: 'opaque' },
  prompts: { source: 'a test', count: 100, faulty: 0, sha256: 's' },
};
const begun = { plan, samplesDone: 0, fullSteps: 0, branchesRecalled: 0 };
/** A full step at 0.1 s, a shortcut at 0.01 s, a decode at 0.02 s: 0.7 s a picture. */
const counts: FleetCounts = { 'steps:full': 10, 'seconds:full': 1, 'steps:shortcut': 100, 'seconds:shortcut': 1, 'steps:decode': 50, 'seconds:decode': 1, 'files:png-opaque': 4, 'fileBytes:png-opaque': 20_000, capacity: 160, spareRows: 80 };

function fleet({ bundles = ['ours', 'ours', 'theirs'], hour = counts, week = counts }: { bundles?: string[]; hour?: FleetCounts; week?: FleetCounts } = {}): FleetWeek {
  const workers = bundles.map((bundle, i) => ({ id: `${i}`, bundle, startedAtMs: 0, capacity: 16, rowsInUse: 0, waiting: 0, fullSeconds: 0, shortcutSeconds: 0 }));
  const reading = (each: FleetCounts) => ({ workers, lanes: { interactive: 0, batch: 0 }, points: [{ atMs: 0, counts: {} }, { atMs: 1, counts: each }] });
  return { hour: reading(hour), week: reading(week) };
}

describe('the estimate of a data set by a fleet', () => {
  it('is of steps by their measured cost, on the devices of its bundle, as far as users leave them', () => {
    const { bytes, device_seconds, eta, unknown } = fleetEstimate(begun, fleet(), 1_000_000);
    expect(device_seconds).toBeCloseTo(1_000 * 0.7);
    expect(eta).toBe(1_000 + 700); // two workers, half of each
    expect(bytes).toBeGreaterThan(1_000 * 5_000);
    expect(unknown).toEqual({});
  });

  it('is the sooner the more is done, and cheaper by the full steps that were saved', () => {
    const half = { ...begun, samplesDone: 500, fullSteps: 2_000, branchesRecalled: 1_000 }; // a quarter of them
    const { device_seconds, eta } = fleetEstimate(half, fleet(), 0);
    expect(device_seconds).toBeCloseTo(1_000 * 0.6);
    expect(eta).toBe(300);
    expect(fleetEstimate({ ...half, samplesDone: 1_000 }, fleet(), 5_000).eta).toBe(5);
  });

  it('takes the week where nothing was measured within the hour', () => {
    expect(fleetEstimate(begun, fleet({ hour: {} }), 0)).toMatchObject({ device_seconds: expect.closeTo(700), eta: 350, unknown: {} });
  });

  it.each<[string, Parameters<typeof fleet>[0], Partial<DatasetPlan['settings']>, object]>([
    ['bytes in a format that nobody made', {}, { outputFormat: 'jpeg' }, { bytes: null, device_seconds: expect.closeTo(700), unknown: { bytes: expect.stringContaining('as jpeg-90-opaque') } }],
    ['the cost of steps that nobody made', { hour: {}, week: {} }, {}, { device_seconds: null, eta: null, unknown: { device_seconds: expect.stringContaining('what a step costs'), eta: expect.stringContaining('what a step costs') } }],
    ['the steps of a strategy that decides on the way', {}, { strategy: 'ml-cache' }, { device_seconds: null, eta: null, unknown: { device_seconds: expect.stringContaining('ml-cache') } }],
    ['the end where no worker has its bundle', { bundles: ['theirs'] }, {}, { device_seconds: expect.closeTo(700), eta: null, unknown: { eta: expect.stringContaining('no worker') } }],
  ])('does not guess %s', (_, told, settings, expected) => {
    const estimate = fleetEstimate({ ...begun, plan: { ...plan, settings: { ...plan.settings, ...settings } } }, fleet(told), 0);
    expect(estimate).toMatchObject(expected);
    expect(datasetEstimate.parse(estimate)).toEqual(estimate);
  });
});

it('the fleet is asked once for all who look at the same time, and again after an outage', async () => {
  let [asked, away] = [0, true];
  const board = { read: async () => { asked += 1; if (away) throw new Error('away'); return fleet().hour; } };
  const costs = new FleetCosts(board);
  await expect(costs.read(0)).rejects.toThrow('away');
  away = false;
  await Promise.all([costs.read(1), costs.read(2)]);
  await costs.read(4_000);
  expect(asked).toBe(4);
  await costs.read(6_000);
  expect(asked).toBe(6);
});
