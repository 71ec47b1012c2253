import { z } from 'zod';
import { strategyNames } from './strategies.js';

const ratio = z.number().nullable();

/** Quality of one strategy, as audits in spare time found it. */
const auditedQuality = z.object({
  strategy: z.enum(strategyNames),
  audits: z.int(),
  agreement: ratio.meta({ description: 'Mean share of tokens that equal those of the same picture with every step full' }),
  score_difference: ratio.meta({ description: 'Mean points of the first scorer, less those of that picture; null without a scorer' }),
  speed_up: ratio.meta({ description: 'Mean of that picture’s seconds over its own, both made alone; null where users were about' }),
});

const figures = {
  rows_in_use: ratio.meta({ description: 'Mean share of the rows that were in use' }),
  full_steps_per_second: z.number(),
  shortcut_steps_per_second: z.number(),
  partial_steps_per_second: z.number(),
  pictures_per_second: z.number(),
  cache_hit_rate: ratio.meta({ description: 'Share of lookups of anchors that were found in a worker’s memory' }),
  backlog_seconds: ratio.meta({ description: 'Mean work accepted and not finished, in seconds of one device' }),
  speed_up: ratio.meta({ description: 'Time that the steps had taken if all had been full, over the time that they took' }),
  quality: z.array(auditedQuality),
};

const fleetPoint = z.object({ at: z.int().meta({ description: 'When it began, Unix seconds' }), seconds: z.number(), workers_heard: z.boolean().meta({ description: 'False: no worker told anything' }), ...figures });

const workerObject = z.object({
  id: z.string().meta({ description: 'Of the process; tells nothing of the machine' }),
  bundle: z.string().meta({ description: 'SHA-256 of its manifest' }),
  started_at: z.int(),
  rows: z.int(),
  rows_in_use: z.int(),
  waiting: z.int().meta({ description: 'Pictures in its hands without a row' }),
  full_step_seconds: ratio.meta({ description: 'Of one row, median of late' }),
  shortcut_step_seconds: ratio,
});

/** The fleet of this gateway: sums over all tenants, of none in particular. */
export const fleetObject = z.object({
  object: z.literal('fleet'),
  at: z.int(),
  span: z.enum(['hour', 'week']),
  workers: z.array(workerObject),
  rows: z.int(),
  rows_in_use: z.int(),
  backlog: z.object({
    device_seconds: z.number(),
    waiting: z.int().meta({ description: 'Generations that no worker has taken' }),
    active: z.int(),
    lanes: z.object({ interactive: z.int(), batch: z.int() }).meta({ description: 'Generations in line that no worker was offered yet; one that was cancelled there counts until its turn' }),
  }),
  fallbacks: z.int().meta({ description: 'Settings that something safer is made in place of' }),
  now: z.object(figures).meta({ description: 'Over the last three points, the unfinished one included' }),
  points: z.array(fleetPoint).meta({ description: 'An hour by minutes or a week by hours, the oldest first; the last is not over yet' }),
}).meta({ id: 'Fleet' });
export type FleetObject = z.infer<typeof fleetObject>;
export type FleetFigures = FleetObject['now'];
export type FleetPointObject = FleetObject['points'][number];
