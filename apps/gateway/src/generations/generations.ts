import { Inject, Injectable } from '@nestjs/common';
import { parseGenerationRequest, SlipstreamError, type GenerationRecord, type GenerationRequest } from '@slipstream/contracts';
import { GenerationQueue } from '@slipstream/queue';
import type { Caller } from '../admission/caller.js';
import { Entrance } from '../admission/entrance.js';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import type { Mode } from './acceptance-log.js';
import { Choices } from './choices.js';
import { createdAt } from './generation-id.js';

const unstreamed = (): SlipstreamError =>
  new SlipstreamError('invalid_request', 'stream is true, and this door answers at once', { param: 'stream', remedy: 'follow GET /v1/generations/{id}/events, or send it to POST /v1/images/generations' });

/** A request, and what is known of the generation that it is about. */
export interface Accepted {
  readonly request: GenerationRequest;
  readonly record: GenerationRecord;
}

/** What the door can do with a generation: accept, find, cancel. */
@Injectable()
export class Generations {
  constructor(
    @Inject(GenerationQueue) private readonly queue: GenerationQueue,
    @Inject(Choices) private readonly choices: Choices,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'RESULT_TTL_SECONDS'>,
    @Inject(Entrance) private readonly entrance: Entrance,
  ) {}

  /** @throws SlipstreamError `invalid_request`, `model_not_found`, and as `Entrance.enter` */
  async accept(body: unknown, { caller, mode }: { caller: Caller; mode: Mode }): Promise<Accepted> {
    const request = parseGenerationRequest(body);
    if (request.stream && mode === 'async') throw unstreamed();
    const settings = this.choices.settle(request);
    return { request, record: await this.entrance.enter({ request, settings, caller, mode }) };
  }

  /** Another tenant's is not there. @throws SlipstreamError `generation_not_found`, `generation_expired`, `queue_unavailable` */
  async find(id: string, { tenant }: Pick<Caller, 'tenant'>): Promise<GenerationRecord> {
    const record = createdAt(id) === undefined ? undefined : await this.queue.record(id);
    return this.#known(id, record?.tenant === tenant.id ? record : undefined);
  }

  /** Idempotent until the generation ends otherwise. @throws SlipstreamError as `find`, and `generation_settled` */
  async cancel(id: string, caller: Pick<Caller, 'tenant'>): Promise<GenerationRecord> {
    await this.find(id, caller);
    const record = this.#known(id, await this.queue.cancel(id));
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
