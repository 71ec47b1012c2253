import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { SlipstreamError, type BatchRecord } from '@slipstream/contracts';
import { problemOf } from '@slipstream/server-kit';
import type { ObjectStore } from '@slipstream/storage';
import { checkCompleted, imagesAnswer } from '../images/images-answer.js';
import { Catalogue } from '../models/catalogue.js';
import { OBJECT_STORE, Pictures } from '../pictures/pictures.js';
import type { Stop } from './course.js';
import type { Outcome } from './line-runner.js';

/** A line of the output or of the error file. */
export interface Answer {
  readonly kind: 'output' | 'error';
  readonly text: string;
  readonly tokens: BatchRecord['tokens'];
}

const reasons: Record<Stop, string> = {
  expired: 'This request could not be executed before the completion window expired.',
  cancelled: 'This request was not executed, as the batch was cancelled.',
};
const none = { input: 0, output: 0 };

/** Says what came of lines, as OpenAI's output and error files do. */
@Injectable()
export class LineAnswers {
  constructor(
    @Inject(Pictures) private readonly pictures: Pictures,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
  ) {}

  async of(outcome: Outcome, batch: BatchRecord): Promise<Answer> {
    const id = `batch_req_${createHash('sha256').update(`${batch.id}:${outcome.line.number}`).digest('hex').slice(0, 32)}`;
    const line = (kind: Answer['kind'], rest: object, tokens = none): Answer => ({ kind, text: `${JSON.stringify({ id, custom_id: outcome.customId, ...rest })}\n`, tokens });
    if ('left' in outcome) return line('error', { response: null, error: { code: `batch_${outcome.left}`, message: reasons[outcome.left] } });
    try {
      if ('error' in outcome) throw outcome.error;
      const body = await this.#made(outcome, batch);
      return line('output', { response: { status_code: 200, request_id: batch.id, body }, error: null }, { input: body.usage.input_tokens, output: body.usage.output_tokens });
    } catch (error) {
      if (!(error instanceof SlipstreamError) || error.code.startsWith('storage_')) throw error; // the line is fine
      const { error: told } = problemOf(error, { path: batch.endpoint, requestId: batch.id });
      return line('error', { response: { status_code: error.httpStatus, request_id: batch.id, body: { error: told } }, error: null });
    }
  }

  async #made({ request, record }: Extract<Outcome, { record: object }>, batch: BatchRecord) {
    checkCompleted(record);
    const data = request.response_format === 'url' ? await this.#links(record.pictures, batch) : await this.pictures.data(record.pictures, 'b64_json');
    return imagesAnswer(record, { request, data, manifest: this.catalogue.manifest });
  }

  /** Links as long as the file that they stand in; an S3 store signs for a week at most. */
  async #links(pictures: readonly { readonly key: string }[], { outputSeconds }: BatchRecord) {
    return Promise.all(pictures.map(async ({ key }) => ({ url: await this.store.presign(key, { expiresInSeconds: outputSeconds }) })));
  }
}
