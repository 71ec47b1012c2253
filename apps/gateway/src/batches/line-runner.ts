import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { parseGenerationRequest, SlipstreamError, type GenerationRecord, type GenerationRequest } from '@slipstream/contracts';
import { GenerationQueue, type Idempotency, type Terms } from '@slipstream/queue';
import { fingerprintOf } from '../admission/idempotency.js';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { AcceptanceLog } from '../generations/acceptance-log.js';
import { Choices } from '../generations/choices.js';
import { newGenerationId } from '../generations/generation-id.js';
import type { Course, Stop } from './course.js';
import { requestIn } from './line-request.js';
import type { Line } from './lines.js';

/** What came of a line: a generation that has settled, a refusal, or nothing, as the batch was stopped before. */
export type Outcome = { readonly line: Line; readonly customId: string } & (
  | { readonly request: GenerationRequest; readonly record: GenerationRecord }
  | { readonly error: SlipstreamError }
  | { readonly left: Stop }
);

/** A line that was refused asks again after so long, at most. */
const mostPauseMs = 5_000;

/** Has the lines of a batch made, each once: the generation of a line is found again by the line's number. */
@Injectable()
export class LineRunner {
  constructor(
    @Inject(GenerationQueue) private readonly queue: GenerationQueue,
    @Inject(Choices) private readonly choices: Choices,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'BACKLOG_DEVICE_SECONDS'>,
    @Inject(AcceptanceLog) private readonly log: AcceptanceLog,
  ) {}

  /** @throws SlipstreamError `queue_unavailable`; the reason of `course.leaving` */
  async run(line: Line, course: Course): Promise<Outcome> {
    const given = requestIn(line, course.batch.endpoint);
    if ('code' in given) throw new SlipstreamError('internal_error', `line ${line.number} of ${course.batch.inputFile} has changed`);
    const { customId, body } = given;
    const request = requestOf(body);
    if (request instanceof SlipstreamError) return { line, customId, error: request };
    const id = await this.#enter({ line, request, course });
    if (id instanceof SlipstreamError) return { line, customId, error: id };
    if (id === undefined) return { line, customId, left: course.stopped! };
    const record = await this.#settled(id, course);
    if (record) return course.stopped && record.status === 'cancelled' ? { line, customId, left: course.stopped } : { line, customId, request, record };
    return { line, customId, error: new SlipstreamError('generation_expired', `the record of generation ${id} has expired`, { remedy: 'raise RESULT_TTL_SECONDS' }) };
  }

  /** Ends what is in the making, as soon as may be. */
  async cancel({ inFlight }: Course): Promise<void> {
    await Promise.all([...inFlight].map((id) => this.queue.cancel(id)));
  }

  /** The id of the line's generation; undefined where there is none and the batch was stopped. */
  async #enter({ line, request, course }: { line: Line; request: GenerationRequest; course: Course }): Promise<string | SlipstreamError | undefined> {
    const { batch } = course;
    const idempotency = { key: `${batch.id}:${line.number}`, fingerprint: fingerprintOf(request) };
    const terms = this.#terms(course, idempotency);
    while (!course.stopped) {
      const job = this.#job({ request, course });
      if (job instanceof SlipstreamError) return job;
      const admission = await this.queue.enqueue(job, terms);
      if (admission.verdict === 'admitted') this.log.accepted(job, 'batch');
      if (admission.verdict !== 'refused') return 'id' in admission ? admission.id : job.id;
      const signal = AbortSignal.any([course.leaving, course.stopping]);
      await pause(Math.min(mostPauseMs, admission.retryAfterSeconds * 1000), undefined, { signal }).catch(() => course.leaving.throwIfAborted());
    }
    return (await this.queue.made(batch.tenant, idempotency))?.id;
  }

  #job({ request, course }: { request: GenerationRequest; course: Course }) {
    try {
      const createdAtMs = Date.now();
      const { deadline } = request;
      const start = deadline === undefined ? {} : { startByMs: createdAtMs + Math.round(deadline * 1000) };
      return { id: newGenerationId(), requestId: course.batch.id, createdAtMs, ...start, tenant: course.batch.tenant, lane: 'batch' as const, settings: this.choices.settle(request) };
    } catch (error) {
      return SlipstreamError.from(error);
    }
  }

  /** Half of what the tenant and the fleet may hold at most, and a rate beside that of its requests: batches never cost a client its place. */
  #terms({ batch }: Course, idempotency: Idempotency): Terms {
    const { requestsPerMinute, pictures } = batch.limits;
    return {
      limits: { requestsPerMinute, pictures: Math.max(10, Math.floor(pictures / 2)), backlogSeconds: this.config.BACKLOG_DEVICE_SECONDS / 2 },
      bucket: `${batch.tenant}:batches`,
      idempotency,
    };
  }

  async #settled(id: string, course: Course): Promise<GenerationRecord | undefined> {
    course.inFlight.add(id);
    try {
      if (course.stopped) await this.queue.cancel(id);
      return await this.queue.follow(id, course.leaving);
    } finally {
      course.inFlight.delete(id);
    }
  }
}

/** What a line says of its lane is not heard; nobody watches it. */
function requestOf(body: object): GenerationRequest | SlipstreamError {
  try {
    const request = parseGenerationRequest(body);
    if (request.stream) return new SlipstreamError('invalid_request', 'stream is true, and nobody reads along with a batch', { param: 'stream', remedy: 'leave it out' });
    return { ...request, lane: 'batch', partial_images: undefined };
  } catch (error) {
    return SlipstreamError.from(error);
  }
}
