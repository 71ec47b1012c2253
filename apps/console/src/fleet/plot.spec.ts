import { expect, it } from 'vitest';
import type { FleetPointObject } from '@slipstream/client';
import { audited, valuesOf } from './plots';
import { duration, number, percent, times } from './words';

const point = (more: object) => ({ workers_heard: true, rows_in_use: 0, quality: [], ...more }) as unknown as FleetPointObject;

it('a time at which no worker was heard of is a gap and not a zero', () => {
  expect(valuesOf([point({}), point({ workers_heard: false }), point({ rows_in_use: 0.5 })], (each) => each.rows_in_use)).toEqual([0, null, 0.5]);
});

it('what audits found is a mean over audits, and nothing where none found it', () => {
  const quality = [{ strategy: 'shortcut', audits: 3, agreement: 0.5, speed_up: null, score_difference: null }, { strategy: 'anchored', audits: 1, agreement: 0.9, speed_up: 4, score_difference: null }] as FleetPointObject['quality'];
  expect(audited({ quality }, ({ agreement }) => agreement)).toBeCloseTo(0.6);
  expect(audited({ quality }, ({ speed_up }) => speed_up)).toBe(4);
  expect(audited({ quality }, ({ score_difference }) => score_difference)).toBeNull();
});

it('figures are short, and a dash where nothing is known', () => {
  expect([percent(0.5), percent(0.034), percent(null), number(0.0312), number(12.34), times(3.21), duration(4.5), duration(600), duration(7200), duration(null)]).toEqual(['50 %', '3.4 %', '–', '0.03', '12.3', '3.2 ×', '4.5 s', '10 min', '2.0 h', '–']);
});
