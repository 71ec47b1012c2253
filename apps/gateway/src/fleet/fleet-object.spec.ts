import { describe, expect, it } from 'vitest';
import { fleetObject } from '@slipstream/contracts';
import { fleetFigures } from './fleet-figures.js';
import { fleetObject as shown } from './fleet-object.js';

const backlog = { waitingJobs: 2, activeJobs: 1, pictures: 3, fullSteps: 9, shortcutSteps: 20, deviceSeconds: 4.5 };
const counts = { samples: 2, backlogSeconds: 10, rowsInUse: 6, capacity: 16, 'steps:full': 60, 'steps:shortcut': 540, 'seconds:full': 30, stepSeconds: 60, pictures: 12, anchorHits: 3, anchorMisses: 1, 'audits:shortcut': 4, 'agreement:shortcut': 3, 'scored:shortcut': 2, 'scoreDifference:shortcut': -1 };

describe('the figures of a stretch of time', () => {
  it('are rates, means and shares of what was counted', () => {
    expect(fleetFigures(counts, 60)).toEqual({
      rows_in_use: 0.375, full_steps_per_second: 1, shortcut_steps_per_second: 9, partial_steps_per_second: 0, pictures_per_second: 0.2, cache_hit_rate: 0.75, backlog_seconds: 5,
      speed_up: 5, // 600 steps at half a second each would have been 300 s, and were 60
      quality: [{ strategy: 'shortcut', audits: 4, agreement: 0.75, score_difference: -0.5, speed_up: null }],
    });
  });

  it('are null where nothing was counted', () => {
    expect(fleetFigures({}, 0)).toEqual({ rows_in_use: null, full_steps_per_second: 0, shortcut_steps_per_second: 0, partial_steps_per_second: 0, pictures_per_second: 0, cache_hit_rate: null, backlog_seconds: null, speed_up: null, quality: [] });
  });
});

it('the last point is as long as it has lasted, and the answer is as documented', () => {
  const points = [0, 60_000, 120_000].map((atMs, index) => ({ atMs, counts: index === 0 ? {} : counts }));
  const fleet = shown({ workers: [{ id: 'w', bundle: 'b', startedAtMs: 5_000, capacity: 8, rowsInUse: 3, waiting: 0, fullSeconds: 0.4, shortcutSeconds: 0 }], lanes: { interactive: 1, batch: 7 }, points }, { span: 'hour', backlog, fallbacks: 1, nowMs: 150_000 });
  expect(fleet).toMatchObject({ rows: 8, rows_in_use: 3, backlog: { device_seconds: 4.5, lanes: { batch: 7 } }, workers: [{ started_at: 5, shortcut_step_seconds: null }] });
  expect(fleet.points.map(({ seconds, workers_heard, full_steps_per_second }) => [seconds, workers_heard, full_steps_per_second])).toEqual([[60, false, 0], [60, true, 1], [30, true, 2]]);
  expect(fleet.now.full_steps_per_second).toBe(120 / 150);
  expect(() => fleetObject.parse(fleet)).not.toThrow();
});
