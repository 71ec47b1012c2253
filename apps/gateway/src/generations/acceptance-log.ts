import { AsyncResource } from 'node:async_hooks';
import { Inject, Injectable } from '@nestjs/common';
import type { Refusal } from '@slipstream/admission';
import type { GenerationJob } from '@slipstream/contracts';
import type { GatewayMetrics } from '@slipstream/metrics';
import type { Logger } from '@slipstream/server-kit';

/** Whether the client waits for the pictures, or a batch does. */
export type Mode = 'sync' | 'async' | 'batch';

/** Injection tokens of the process's logger and instruments. */
export const LOGGER = Symbol('Logger');
export const METRICS = Symbol('GatewayMetrics');

const gatherMs = 100;
const mostPerLine = 100;

/** Counts accepted and refused generations and logs the ids of the accepted, many to a line: one line each would cost more than the queue does. */
@Injectable()
export class AcceptanceLog {
  #gathered: { jobId: string; requestId: string }[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Bound to no request: a line is of many, and must not carry the id of the one that happened to fill it. */
  readonly #write = AsyncResource.bind((line: object) => this.logger.info(line, 'accepted'));

  constructor(
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'info'>,
    @Inject(METRICS) private readonly metrics: Pick<GatewayMetrics, 'accepted' | 'refused'>,
  ) {}

  accepted({ id, requestId, settings: { strategy } }: Pick<GenerationJob, 'id' | 'requestId' | 'settings'>, mode: Mode): void {
    this.metrics.accepted.inc({ mode, strategy });
    this.#gathered.push({ jobId: id, requestId });
    if (this.#gathered.length >= mostPerLine) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), gatherMs).unref();
  }

  refused(by: Refusal): void {
    this.metrics.refused.inc({ by });
  }

  /** Writes what is gathered; called once more when the process ends. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#gathered.length === 0) return;
    this.#write({ generations: this.#gathered });
    this.#gathered = [];
  }
}
