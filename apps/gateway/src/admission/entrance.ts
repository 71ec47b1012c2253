import { Inject, Injectable } from '@nestjs/common';
import type { Limits, Refusal } from '@slipstream/admission';
import { SlipstreamError, type GenerationRecord, type GenerationRequest, type GenerationSettings } from '@slipstream/contracts';
import { GenerationQueue, type Admission } from '@slipstream/queue';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { AcceptanceLog, type Mode } from '../generations/acceptance-log.js';
import { newGenerationId } from '../generations/generation-id.js';
import { freshRecord } from '../generations/generation-object.js';
import type { Caller } from './caller.js';
import { digest, fingerprintOf } from './idempotency.js';
import { settled } from './once.js';

/** A request with every choice made, and who sent it. */
export interface Arrival {
  readonly request: GenerationRequest;
  readonly settings: GenerationSettings;
  readonly caller: Caller;
  readonly mode: Mode;
}

/** Lets requests into the queue under their tenant's limits and the fleet's, or tells them when to come back. */
@Injectable()
export class Entrance {
  constructor(
    @Inject(GenerationQueue) private readonly queue: GenerationQueue,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'BACKLOG_DEVICE_SECONDS'>,
    @Inject(AcceptanceLog) private readonly log: AcceptanceLog,
  ) {}

  /**
   * The generation of its own that a request came to, or the one that the same key made before.
   * @throws SlipstreamError `rate_limited`, `quota_exceeded`, `overloaded`, `idempotency_mismatch`, `not_ready` where that has just gone, `queue_unavailable`
   */
  async enter({ request, settings, caller, mode }: Arrival): Promise<GenerationRecord> {
    const { requestId, tenant, bucket, idempotencyKey: key } = caller;
    const limits = { ...tenant.limits, backlogSeconds: this.config.BACKLOG_DEVICE_SECONDS };
    const idempotency = key === undefined ? undefined : { key: digest(key), fingerprint: fingerprintOf(request) };
    const job = { id: newGenerationId(), requestId, ...timesOf(request), tenant: tenant.id, lane: request.lane, settings };
    const admission = await this.queue.enqueue(job, { limits, bucket, idempotency });
    if ('allowance' in admission) caller.allowed(admission.allowance);
    switch (admission.verdict) {
      case 'admitted':
        this.log.accepted(job, mode);
        return freshRecord(job);
      case 'known':
      case 'mismatch':
        return settled({ read: (_tenant, id) => this.queue.record(id) }, admission, caller);
      case 'refused':
        this.log.refused(admission.by);
        throw refusalOf(admission, limits);
    }
  }
}

/** `deadline` counts from now. */
function timesOf({ deadline }: Pick<GenerationRequest, 'deadline'>): { createdAtMs: number; startByMs?: number } {
  const createdAtMs = Date.now();
  return deadline === undefined ? { createdAtMs } : { createdAtMs, startByMs: createdAtMs + Math.round(deadline * 1000) };
}

function refusalOf({ by, retryAfterSeconds }: Extract<Admission, { verdict: 'refused' }>, limits: Limits): SlipstreamError {
  const remedy = `try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}`;
  const reasons: Record<Refusal, () => SlipstreamError> = {
    rate: () => new SlipstreamError('rate_limited', `more than ${limits.requestsPerMinute} requests a minute`, { remedy, retryAfterSeconds }),
    quota: () => new SlipstreamError('quota_exceeded', `more than ${limits.pictures} pictures would be waiting or in the making`, { remedy, retryAfterSeconds }),
    backlog: () => new SlipstreamError('overloaded', `the work that waits takes more than ${limits.backlogSeconds} seconds of one device`, { remedy, retryAfterSeconds }),
  };
  return reasons[by]();
}
