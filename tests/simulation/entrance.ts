import { admit, drained, promiseAtMs, perSecondNow, retryAfterSeconds, type DrainRate, type Limits, type Standing } from '@slipstream/admission';
import type { Job } from './job.js';
import { sampling } from './course.js';
import { reportedCosts } from './step-costs.js';

/** The gateway's decision over the real admission code, with the state that Redis has. */
export class Entrance {
  readonly #standings = new Map<string, Pick<Standing, 'bucket' | 'heldPictures'>>();
  readonly #secondsPerPicture: number;
  #tenants = 0;
  #pictures = 0;
  #rate: DrainRate | undefined;
  #promisedAtMs = 0;

  constructor(
    private readonly limits: Limits,
    slowdown: number,
  ) {
    const { fullSeconds, shortcutSeconds } = reportedCosts(slowdown);
    this.#secondsPerPicture = sampling.budget * fullSeconds + (sampling.steps - sampling.budget) * shortcutSeconds;
  }

  /** Device-seconds that are accepted and not done. */
  get backlogSeconds(): number {
    return this.#pictures * this.#secondsPerPicture;
  }

  enter({ tenant, pictures }: Job, { now, workers }: { now: number; workers: number }): ReturnType<typeof admit> & { retryAfterSeconds: number } {
    const nowMs = now * 1000;
    const own = this.#standings.get(tenant) ?? { heldPictures: 0 };
    const standing = { ...own, backlogSeconds: this.backlogSeconds, backlogPictures: this.#pictures, tenants: this.#tenants, drainPerSecond: perSecondNow(this.#rate, { nowMs, workers }) };
    const verdict = admit({ pictures, nowMs }, standing, this.limits);
    if (!verdict.refusal) this.#hold(tenant, { bucket: verdict.bucket, heldPictures: own.heldPictures + pictures }, pictures);
    if (!verdict.refusal) return { ...verdict, retryAfterSeconds: 0 };
    if (verdict.refusal === 'backlog') this.#promisedAtMs = promiseAtMs({ deviceSeconds: pictures * this.#secondsPerPicture, nowMs }, { ...standing, promisedAtMs: this.#promisedAtMs }, this.limits);
    const promised = { ...standing, bucket: verdict.bucket, promisedAtMs: this.#promisedAtMs };
    return { ...verdict, retryAfterSeconds: retryAfterSeconds(verdict.refusal, { pictures, nowMs }, promised, this.limits) };
  }

  leave({ tenant, pictures }: Job, { now, workers }: { now: number; workers: number }): void {
    const own = this.#standings.get(tenant)!;
    this.#hold(tenant, { ...own, heldPictures: own.heldPictures - pictures }, -pictures);
    this.#rate = drained(this.#rate, pictures * this.#secondsPerPicture, { nowMs: now * 1000, workers });
  }

  #hold(tenant: string, standing: Pick<Standing, 'bucket' | 'heldPictures'>, more: number): void {
    const before = this.#standings.get(tenant)?.heldPictures ?? 0;
    this.#tenants += Math.sign(standing.heldPictures) - Math.sign(before);
    this.#pictures += more;
    this.#standings.set(tenant, standing);
  }
}
