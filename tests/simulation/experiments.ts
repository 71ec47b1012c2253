import type { Lane } from '@slipstream/contracts';
import type { Experiment } from './experiment.js';
import { simulate, type Outcome, type SimulationOptions } from './simulate.js';

const seconds = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const dollars = ({ deviceSeconds, tally }: Outcome, pricePerHour: number): string => (((deviceSeconds / 3600) * pricePerHour * 1000) / tally.completedPictures).toFixed(2);
const lossesOf = { everySeconds: 20_000, takeOverSeconds: 15, repairSeconds: 120 };
const served = { requestsPerMinute: 60_000, pictures: 50_000, backlogSeconds: 86_400 };

/** The large run: everything at once. */
const day: Experiment = async ({ seed, fleet: devices, daySeconds, pricePerHour }) => {
  const outcome = await simulate({ seed, seconds: daySeconds, load: 0.75, fleet: { devices, limits: served, losses: lossesOf, caches: { own: 500, fleet: 0 } } });
  const { tally, utilisation, unfinished, fleet } = outcome;
  const row = (group: 'person' | 'bulk' | 'interactive' | 'batch', name: string): string[] => {
    const { jobs, mean, p50, p99, most } = tally.waits(group);
    return [name, String(jobs), ...[mean, p50, p99, most].map(seconds)];
  };
  const { own, nowhere } = fleet.tiers.found;
  const total = [`${tally.completedPictures} pictures`, `utilisation ${percent(utilisation)}`, `$${dollars(outcome, pricePerHour)} per 1,000 pictures`, `${tally.begunAgain} pictures begun again after losses`, `${tally.accepted - tally.completedJobs} jobs unfinished when the day ended, ${tally.accepted - tally.completedJobs - unfinished} lost`, `${Object.values(tally.refused).reduce((a, b) => a + b)} refusals`, `first step remembered for ${percent(own / (own + nowhere))}`];
  const over = (pick: (moment: (typeof tally.moments)[number]) => number): [number, number][] => tally.moments.map((moment) => [(24 * moment.at) / daySeconds, pick(moment)]);
  return {
    name: 'day', title: `A day of ${devices} devices`,
    setting: `${daySeconds} simulated seconds stand for a day. Offered ${outcome.picturesPerSecond.toFixed(0)} pictures/s on average. ${total.join('; ')}.`,
    head: ['who', 'jobs', 'mean wait s', 'p50', 'p99', 'most'],
    rows: [row('person', 'people'), row('bulk', 'bulk tenants'), row('interactive', 'interactive lane'), row('batch', 'batch lane')],
    plots: [
      { name: 'day-waits', title: 'wait from arrival to the first run, 99th percentile of each moment', x: 'hour of the day', y: 'seconds', logY: true, series: [{ name: 'people', points: over((at) => Math.max(0.01, at.peopleWait)) }, { name: 'bulk tenants', points: over((at) => Math.max(0.01, at.bulkWait)) }] },
      { name: 'day-use', title: 'share of device time that is work, and jobs in line', x: 'hour of the day', y: 'share; jobs ÷ 10,000', series: [{ name: 'utilisation', points: over((at) => at.utilisation) }, { name: 'jobs in line ÷ 10,000', points: over((at) => at.waiting / 10_000) }] },
    ],
  };
};

/** Runs one comparison: an outcome and a row for each choice. */
async function compare<T>(choices: readonly T[], optionsOf: (choice: T) => SimulationOptions, rowOf: (choice: T, outcome: Outcome) => string[]): Promise<string[][]> {
  const rows: string[][] = [];
  for (const choice of choices) rows.push(rowOf(choice, await simulate(optionsOf(choice))));
  return rows;
}

const waits = ({ tally }: Outcome): string[] => (['person', 'bulk'] as const).flatMap((kind) => [tally.waits(kind).p50, tally.waits(kind).p99].map(seconds));
const waitHead = ['people p50 s', 'p99', 'bulk p50 s', 'p99'];

const fairness: Experiment = async ({ seed, devices, seconds: time }) => ({
  name: 'fairness', title: 'Fair shares against first come, first served',
  setting: 'The same arrivals; half of all pictures come in bursts.',
  head: ['order', ...waitHead, 'utilisation'],
  rows: await compare([false, true], (fair) => ({ seed, seconds: time, load: 0.85, fleet: { devices, fair }, traffic: { burstShare: 0.5, swing: 0.2 } }),
    (fair, outcome) => [fair ? 'fair shares, two lanes' : 'first come, first served', ...waits(outcome), percent(outcome.utilisation)]),
});

const hands: Experiment = async ({ seed, devices, seconds: time }) => ({
  name: 'hands', title: 'Hands of a worker for each row of its engine',
  setting: 'More hands keep rows full; fewer leave more of the order to the lines.',
  head: ['hands per row', ...waitHead, 'utilisation', 'pictures per device-second'],
  rows: await compare([1, 1.25, 1.5, 2, 3], (handsPerRow) => ({ seed, seconds: time, load: 0.85, fleet: { devices, handsPerRow }, traffic: { burstShare: 0.5, swing: 0.2 } }),
    (choice, outcome) => [String(choice), ...waits(outcome), percent(outcome.utilisation), (outcome.tally.completedPictures / outcome.deviceSeconds).toFixed(3)]),
});

const lanes: Experiment = async ({ seed, devices, seconds: time }) => ({
  name: 'lanes', title: 'What batch is charged',
  setting: 'More work than the fleet can do, most of it in bursts of which three in ten come by the interactive lane.',
  head: ['charge of batch', 'interactive p50 s', 'p99', 'batch p50 s', 'p99', 'people p99'],
  rows: await compare([1, 4, 9, 19], (batch) => ({ seed, seconds: time, load: 1.1, fleet: { devices, charges: { interactive: 1, batch } satisfies Record<Lane, number> }, traffic: { burstShare: 0.6, swing: 0.2 } }),
    (choice, { tally }) => [String(choice), ...(['interactive', 'batch'] as const).flatMap((lane) => [tally.waits(lane).p50, tally.waits(lane).p99].map(seconds)), seconds(tally.waits('person').p99)]),
});

const bounds: Experiment = async ({ seed, devices, seconds: time }) => ({
  name: 'bounds', title: 'The bound on the whole backlog, at 130 % load',
  setting: 'Clients come back when they are told to, ten times at most. A bound is in seconds of the whole fleet: device-seconds ÷ devices.',
  head: ['bound s', 'refusals', 'returns that were accepted', 'gave up', 'people p99 s', 'bulk p99 s', 'pictures per device-second'],
  rows: await compare([15, 30, 60, 120, 1e6], (bound) => ({ seed, seconds: time, load: 1.3, fleet: { devices, limits: { ...served, backlogSeconds: bound * devices } } }),
    (bound, { tally, deviceSeconds }) => [bound === 1e6 ? 'none' : String(bound), String(tally.refused.backlog), tally.returned.times ? percent(tally.returned.accepted / tally.returned.times) : 'none', String(tally.gaveUp), seconds(tally.waits('person').p99), seconds(tally.waits('bulk').p99), (tally.completedPictures / deviceSeconds).toFixed(3)]),
});

const caches: Experiment = async ({ seed, devices, seconds: time }) => {
  const choices = [0.6, 0.8, 1, 1.2].flatMap((repetition) => [0, 50_000].map((fleet) => ({ repetition, fleet })));
  const points = new Map<number, [number, number][]>([[0, []], [50_000, []]]);
  const rows = await compare(choices, ({ repetition, fleet }) => ({ seed, seconds: time, load: 0.8, fleet: { devices, caches: { own: 500, fleet } }, traffic: { repetition } }), ({ repetition, fleet }, { fleet: { tiers: { found } }, utilisation }) => {
    const all = found.own + found.fleet + found.nowhere;
    points.get(fleet)!.push([repetition, (found.own + found.fleet) / all]);
    return [String(repetition), fleet ? 'worker and fleet' : 'worker alone', percent(found.own / all), percent(found.fleet / all), percent(utilisation)];
  });
  return {
    name: 'caches', title: 'Remembered first steps by repetition of the traffic',
    setting: '200,000 prompts with Zipf popularity of the given exponent; a worker remembers 500, the fleet 50,000. The pictures of one request share their prompt.',
    head: ['exponent', 'memory', 'found in the worker', 'found in the fleet', 'utilisation'], rows,
    plots: [{ name: 'caches', title: 'share of first steps that are found', x: 'Zipf exponent of the prompts', y: 'share', series: [...points].map(([fleet, series]) => ({ name: fleet ? 'worker and fleet' : 'worker alone', points: series })) }],
  };
};

const scaling: Experiment = async ({ seed, devices, seconds: time, pricePerHour }) => ({
  name: 'scaling', title: 'Backlog that one worker is meant to have',
  setting: `Up to ${devices} devices by KEDA's rule over the backlog: asked every 15 s, 60 s to start, five minutes before any goes. ${time * 4} s stand for a day.`,
  head: ['target s', 'people p50 s', 'p99', 'bulk p99 s', 'mean devices', 'utilisation', '$ per 1,000 pictures'],
  rows: await compare([5, 15, 30, 60], (targetSeconds) => ({ seed, seconds: time * 4, load: 0.5, fleet: { devices, scaling: { targetSeconds, least: 1, most: devices, pollSeconds: 15, startSeconds: 60, stableSeconds: 300 } }, traffic: { swing: 0.8 } }),
    (target, outcome) => [String(target), seconds(outcome.tally.waits('person').p50), seconds(outcome.tally.waits('person').p99), seconds(outcome.tally.waits('bulk').p99), (outcome.deviceSeconds / outcome.seconds).toFixed(1), percent(outcome.utilisation), dollars(outcome, pricePerHour)]),
});

/** All questions, the large run first. */
export const experiments: Readonly<Record<string, Experiment>> = { day, fairness, hands, lanes, bounds, caches, scaling };
