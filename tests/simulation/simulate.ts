import { handsPerRow, type Limits } from '@slipstream/admission';
import { recordCourse } from './course.js';
import { Fleet, type FleetOptions } from './fleet.js';
import { capacity, secondsOf } from './step-costs.js';
import { Tally } from './tally.js';
import { Timeline } from './timeline.js';
import { Traffic, usualTraffic, type TrafficOptions } from './traffic.js';

export interface SimulationOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Offered work as a share of what the devices can do. */
  readonly load: number;
  readonly fleet: Partial<Omit<FleetOptions, 'seed'>> & { readonly devices: number };
  readonly traffic?: Partial<TrafficOptions>;
}

export interface Outcome {
  readonly tally: Tally;
  readonly fleet: Fleet;
  readonly seconds: number;
  readonly picturesPerSecond: number;
  readonly utilisation: number;
  readonly deviceSeconds: number;
  /** Accepted and not completed when the time was over. */
  readonly unfinished: number;
}

/** So much slower than the measured device that one makes about a picture a second: a larger model, the same proportions. */
export const usualSlowdown = 24;

const noLimits: Limits = { requestsPerMinute: 1e9, pictures: 1e9, backlogSeconds: 1e9 };
const momentsPerRun = 60;

/** Pictures that a device makes a second while its rows are full, nothing is remembered, and rows of a kind run together. */
export function deviceRate(slowdown = usualSlowdown): number {
  const each = 4 * (secondsOf('full', 4, slowdown) / 4) + 28 * (secondsOf('anchored', capacity, slowdown) / capacity) + secondsOf('decode', 4, slowdown) / 4;
  return 1 / each;
}

/** Runs traffic against a fleet. The same options give the same outcome. */
export async function simulate({ seed, seconds, load, fleet: given, traffic: wished }: SimulationOptions): Promise<Outcome> {
  const [timeline, tally, course] = [new Timeline(), new Tally(), await recordCourse()];
  const options: FleetOptions = { slowdown: usualSlowdown, fair: true, handsPerRow, limits: noLimits, caches: { own: 0, fleet: 0 }, seed, ...given };
  const fleet = new Fleet(options, { timeline, tally, course });
  const picturesPerSecond = load * options.devices * deviceRate(options.slowdown);
  new Traffic({ ...usualTraffic, seed, picturesPerSecond, daySeconds: seconds, ...wished }, timeline, (job) => fleet.arrive(job)).start();
  watch({ timeline, tally, fleet, seconds });
  timeline.runUntil(seconds);
  const deviceSeconds = fleet.count();
  return { tally, fleet, seconds, picturesPerSecond, deviceSeconds, utilisation: fleet.busySeconds / deviceSeconds, unfinished: tally.accepted - tally.completedJobs };
}

function watch({ timeline, tally, fleet, seconds }: { timeline: Timeline; tally: Tally; fleet: Fleet; seconds: number }): void {
  let before = { busy: 0, all: 0 };
  const look = (): void => {
    const now = { busy: fleet.busySeconds, all: fleet.count() };
    tally.moment({ at: timeline.now, devices: fleet.size, waiting: fleet.waiting, utilisation: (now.busy - before.busy) / Math.max(1e-9, now.all - before.all) });
    before = now;
    timeline.after(seconds / momentsPerRun, look);
  };
  timeline.after(seconds / momentsPerRun, look);
}
