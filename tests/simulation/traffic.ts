import type { Lane } from '@slipstream/contracts';
import { newJob, type Job, type TenantKind } from './job.js';
import { Random, zipfSums } from './random.js';
import type { Timeline } from './timeline.js';

export interface TrafficOptions {
  readonly seed: number;
  /** Mean pictures a second over the day. */
  readonly picturesPerSecond: number;
  /** One swing of the daily curve, from its mean. */
  readonly daySeconds: number;
  /** How far the curve goes up and down, as a share of the mean. */
  readonly swing: number;
  /** Share of the pictures that come in bursts. */
  readonly burstShare: number;
  readonly people: number;
  readonly bulkTenants: number;
  /** Share of the bursts that are sent into the interactive lane all the same. */
  readonly rudeShare: number;
  /** Prompts that exist, and the exponent of their popularity. */
  readonly prompts: number;
  readonly repetition: number;
}

export const usualTraffic: Omit<TrafficOptions, 'seed' | 'picturesPerSecond' | 'daySeconds'> = {
  swing: 0.5, burstShare: 0.4, people: 500, bulkTenants: 20, rudeShare: 0.3, prompts: 200_000, repetition: 0.9,
};

/** Pictures of a request: mostly one, sometimes four or ten. */
const sizes = [{ n: 1, share: 0.8 }, { n: 4, share: 0.15 }, { n: 10, share: 0.05 }] as const;
const sizeSums = sizes.map((_size, index) => sizes.slice(0, index + 1).reduce((sum, { share }) => sum + share, 0));
const meanSize = sizes.reduce((sum, { n, share }) => sum + n * share, 0);
const burst = { least: 50, tail: 1.3, most: 5_000 } as const;

/** Mean of the Pareto distribution up to its cut-off. */
const meanBurst = (({ least, tail, most }) => (tail / (tail - 1)) * least - (1 / (tail - 1)) * least ** tail * most ** (1 - tail))(burst);

/** People who come by a daily curve and bulk tenants who come in bursts, both with a few large ones and many small. */
export class Traffic {
  readonly #random: Random;
  readonly #people: number[];
  readonly #bulk: number[];
  readonly #prompts: number[];

  constructor(
    private readonly options: TrafficOptions,
    private readonly timeline: Timeline,
    private readonly arrive: (job: Job) => void,
  ) {
    this.#random = new Random(options.seed);
    this.#people = zipfSums(options.people, 1.1);
    this.#bulk = zipfSums(options.bulkTenants, 1.1);
    this.#prompts = zipfSums(options.prompts, options.repetition);
  }

  start(): void {
    this.#nextPerson();
    this.#nextBurst();
  }

  /** Thinning: as often as at the peak, and then as many of them as the hour has. */
  #nextPerson(): void {
    const { picturesPerSecond, burstShare, swing, daySeconds } = this.options;
    const peak = ((picturesPerSecond * (1 - burstShare)) / meanSize) * (1 + swing);
    this.timeline.after(this.#random.exponential(1 / peak), () => {
      const share = (1 - swing * Math.cos((2 * Math.PI * this.timeline.now) / daySeconds)) / (1 + swing);
      if (this.#random.uniform() < share) this.arrive(this.#job('person', `p${this.#random.pick(this.#people)}`, 'interactive'));
      this.#nextPerson();
    });
  }

  #nextBurst(): void {
    const { picturesPerSecond, burstShare, rudeShare } = this.options;
    if (burstShare === 0) return;
    this.timeline.after(this.#random.exponential((meanBurst * meanSize) / (picturesPerSecond * burstShare)), () => {
      const tenant = `b${this.#random.pick(this.#bulk)}`;
      const lane = this.#random.uniform() < rudeShare ? 'interactive' : 'batch';
      const count = Math.round(this.#random.pareto(burst));
      for (let each = 0; each < count; each += 1) this.arrive(this.#job('bulk', tenant, lane));
      this.#nextBurst();
    });
  }

  #job(kind: TenantKind, tenant: string, lane: Lane): Job {
    const { n } = sizes[this.#random.pick(sizeSums)]!;
    const prompt = this.#random.pick(this.#prompts);
    return newJob({ tenant, kind, lane, prompts: new Array<number>(n).fill(prompt), arrivedAt: this.timeline.now });
  }
}
