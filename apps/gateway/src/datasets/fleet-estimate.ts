import type { DatasetEstimate, DatasetRecord, StrategyName } from '@slipstream/contracts';
import { encodingOf, estimateDataset, type MeasuredCosts } from '@slipstream/datasets';
import type { FleetCounts, FleetReading } from '@slipstream/queue';
import { sumOf } from '../fleet/fleet-figures.js';
import type { FleetWeek } from './fleet-costs.js';

/** Strategies whose steps are told by their settings: every one full, or `budget` of them and shortcuts between. */
const known: readonly StrategyName[] = ['vanilla', 'halton', 'shortcut', 'adaptive', 'anchored'];

/** Minutes whose mean says what users leave; the last has just begun. */
const recent = 3;

/** What a data set that has not ended takes, by what the fleet has measured; what nobody measured is null, with the reason. */
export function fleetEstimate(record: Pick<DatasetRecord, 'plan' | 'samplesDone' | 'fullSteps' | 'branchesRecalled'>, fleet: FleetWeek, nowMs: number): DatasetEstimate {
  const costs = fleetCosts(record, fleet);
  const { bytes = null, deviceSeconds: device_seconds = null, seconds } = estimateDataset(record.plan, costs, record);
  const eta = seconds === undefined ? null : Math.round(nowMs / 1000 + seconds);
  return { bytes, device_seconds, eta, unknown: reasons(record, costs, { bytes, device_seconds, eta }) };
}

/** The last hour's figures, or else the last week's. */
export function fleetCosts({ plan: { settings, bundle }, fullSteps, branchesRecalled }: Pick<DatasetRecord, 'plan' | 'fullSteps' | 'branchesRecalled'>, { hour, week }: FleetWeek): MeasuredCosts {
  const stretches = [hour, week].map(({ points }) => sumOf(points.map(({ counts }) => counts)));
  const mean = (sum: string, count: string): number | undefined => stretches.map((counts) => ratio(counts, sum, count)).find((each) => each !== undefined);
  const encoding = encodingOf(settings);
  const saved = fullSteps > 0 ? branchesRecalled / 2 / fullSteps : 0;
  return {
    rowSeconds: Object.fromEntries(['full', 'shortcut', 'decode'].map((step) => [step, mean(`seconds:${step}`, `steps:${step}`)])),
    rowsPerPicture: known.includes(settings.strategy) ? { full: settings.budget * (1 - saved), shortcut: settings.steps - settings.budget, decode: 1 } : undefined,
    fileBytes: mean(`fileBytes:${encoding}`, `files:${encoding}`),
    devices: devices(hour, bundle.digest),
  };
}

/** Workers of a bundle, each as much of it as users leave. */
function devices({ workers, points }: FleetReading, digest: string): number {
  const share = ratio(sumOf(points.slice(-recent).map(({ counts }) => counts)), 'spareRows', 'capacity');
  return workers.filter(({ bundle }) => bundle === digest).length * (share ?? 1);
}

function reasons({ plan }: Pick<DatasetRecord, 'plan'>, { rowsPerPicture, devices }: MeasuredCosts, { bytes, device_seconds, eta }: Omit<DatasetEstimate, 'unknown'>): DatasetEstimate['unknown'] {
  const steps = rowsPerPicture ? 'no worker has told within a week what a step costs' : `which steps of ${plan.settings.strategy} are full is not known beforehand`;
  return {
    ...(bytes === null && { bytes: `no picture of a data set was made as ${encodingOf(plan.settings)} within a week` }),
    ...(device_seconds === null && { device_seconds: steps }),
    ...(eta === null && { eta: devices === 0 ? 'no worker with its bundle is there' : steps }),
  };
}

function ratio(counts: FleetCounts, part: string, whole: string): number | undefined {
  const of = counts[whole] ?? 0;
  return of > 0 ? (counts[part] ?? 0) / of : undefined;
}
