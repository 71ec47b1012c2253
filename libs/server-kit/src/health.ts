import { SlipstreamError } from '@slipstream/contracts';

/** What a server tells of its health; the app fills it in. */
export interface HealthOptions {
  /** By name; each rejects with what is wrong while the server cannot serve. Asked at most once a second. */
  readonly ready: Readonly<Record<string, () => Promise<void>>>;
  /** What is wrong when only a restart helps; must answer at once. */
  readonly live?: () => string | undefined;
  readonly scrape: () => Promise<{ contentType: string; body: string }>;
}

const checkDeadlineMs = 2_000;
const answerAgeMs = 1_000;

/** Whether this process lives and may be sent work: `starting`, then `serving`, then `draining` until the end. */
export class Health {
  readonly #options: HealthOptions;
  #phase: 'starting' | 'serving' | 'draining' = 'starting';
  #answer: { atMs: number; faults: Promise<string[]> } | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  serve(): void {
    if (this.#phase === 'starting') this.#phase = 'serving';
  }

  drain(): void {
    this.#phase = 'draining';
  }

  get draining(): boolean {
    return this.#phase === 'draining';
  }

  /** @throws SlipstreamError `not_ready` when the process should be restarted. */
  live(): void {
    const fault = this.#options.live?.();
    if (fault !== undefined) throw new SlipstreamError('not_ready', fault, { remedy: 'restart this process' });
  }

  /** @throws SlipstreamError `not_ready` naming every check that fails, or the phase. */
  async ready(): Promise<void> {
    if (this.#phase !== 'serving') throw new SlipstreamError('not_ready', `this server is ${this.#phase}`, { remedy: 'ask again, or another one' });
    const faults = await this.#faults();
    if (faults.length > 0) throw new SlipstreamError('not_ready', faults.join('; '));
  }

  scrape(): Promise<{ contentType: string; body: string }> {
    return this.#options.scrape();
  }

  #faults(): Promise<string[]> {
    const atMs = Date.now();
    if (!this.#answer || atMs - this.#answer.atMs > answerAgeMs) this.#answer = { atMs, faults: this.#check() };
    return this.#answer.faults;
  }

  async #check(): Promise<string[]> {
    const checks = Object.entries(this.#options.ready).map(async ([name, check]) => {
      const fault = await withDeadline(check()).then(() => undefined, (error: Error) => error.message);
      return fault === undefined ? [] : [`${name}: ${fault}`];
    });
    return (await Promise.all(checks)).flat();
  }
}

async function withDeadline(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${checkDeadlineMs} ms`)), checkDeadlineMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
