import { Inject, Injectable } from '@nestjs/common';
import { parseGenerationRequest, SlipstreamError, type GenerationJob, type GenerationRecord, type GenerationRequest } from '@slipstream/contracts';
import { GenerationQueue } from '@slipstream/queue';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { AcceptanceLog } from './acceptance-log.js';
import { Choices } from './choices.js';
import { createdAt, newGenerationId } from './generation-id.js';

/** A request that is in the queue, with every choice made. */
export interface Accepted {
  readonly request: GenerationRequest;
  readonly job: GenerationJob;
}

/** Whether the client waits for the pictures. */
export type Mode = 'sync' | 'async';

/** What the door can do with a generation: accept, find, cancel. */
@Injectable()
export class Generations {
  constructor(
    @Inject(GenerationQueue) private readonly queue: GenerationQueue,
    @Inject(Choices) private readonly choices: Choices,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'RESULT_TTL_SECONDS'>,
    @Inject(AcceptanceLog) private readonly log: AcceptanceLog,
  ) {}

  /** @throws SlipstreamError `invalid_request`, `model_not_found`, `queue_unavailable` */
  async accept(body: unknown, { requestId, mode }: { requestId: string; mode: Mode }): Promise<Accepted> {
    const request = parseGenerationRequest(body);
    const settings = this.choices.settle(request);
    const job = { id: newGenerationId(), requestId, createdAtMs: Date.now(), settings };
    await this.queue.enqueue(job);
    this.log.accepted(job, mode);
    return { request, job };
  }

  /** @throws SlipstreamError `generation_not_found`, `generation_expired`, `queue_unavailable` */
  async find(id: string): Promise<GenerationRecord> {
    return this.#known(id, createdAt(id) === undefined ? undefined : await this.queue.record(id));
  }

  /** Idempotent until the generation ends otherwise. @throws SlipstreamError as `find`, and `generation_settled` */
  async cancel(id: string): Promise<GenerationRecord> {
    const record = this.#known(id, createdAt(id) === undefined ? undefined : await this.queue.cancel(id));
    if (record.status === 'cancelling' || record.status === 'cancelled') return record;
    throw new SlipstreamError('generation_settled', `generation ${id} is ${record.status}, it cannot be cancelled any more`);
  }

  #known(id: string, record: GenerationRecord | undefined): GenerationRecord {
    if (record) return record;
    const born = createdAt(id);
    const keptSeconds = this.config.RESULT_TTL_SECONDS;
    if (born !== undefined && born + keptSeconds <= Date.now() / 1000) {
      throw new SlipstreamError('generation_expired', `the record of generation ${id} has expired: it is kept for ${keptSeconds} seconds`, {
        param: 'id',
        remedy: 'send the request again; the same seed gives the same picture',
      });
    }
    throw new SlipstreamError('generation_not_found', `no generation has the id ${JSON.stringify(id.slice(0, 64))}`, {
      param: 'id',
      remedy: 'use the id that POST /v1/generations answered with',
    });
  }
}
