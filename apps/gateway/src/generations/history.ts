import { Inject, Injectable } from '@nestjs/common';
import { generationStatuses, isSettled, pictureKey, SlipstreamError, type GenerationStatus } from '@slipstream/contracts';
import { GenerationQueue, type ListPage } from '@slipstream/queue';
import type { Caller } from '../admission/caller.js';
import { listPage, type PageQuery } from '../list-page.js';
import { Pictures } from '../pictures/pictures.js';
import { Generations } from './generations.js';

/** What a list may be narrowed by, as it is sent; times in Unix seconds. */
export interface HistoryQuery extends PageQuery {
  readonly status?: unknown;
  readonly prompt?: unknown;
  readonly created_after?: unknown;
  readonly created_before?: unknown;
}

/** Characters that a prompt may be sought by. */
const mostSought = 256;

/** What a tenant asked for lately: to look through, and to have forgotten. */
@Injectable()
export class History {
  constructor(
    @Inject(GenerationQueue) private readonly queue: GenerationQueue,
    @Inject(Generations) private readonly generations: Generations,
    @Inject(Pictures) private readonly pictures: Pictures,
  ) {}

  /** @throws SlipstreamError `invalid_request`, `queue_unavailable` */
  async list(tenant: string, query: HistoryQuery): Promise<ListPage> {
    const { status, prompt, created_after, created_before } = query;
    return this.queue.list(tenant, { ...listPage(query), status: statusIn(status), prompt: promptIn(prompt), fromMs: timeIn('created_after', created_after), toMs: timeIn('created_before', created_before) });
  }

  /** Pictures first: whoever is interrupted can do it again. @throws SlipstreamError `generation_unsettled`, and as `Generations.find` */
  async forget(id: string, caller: Pick<Caller, 'tenant'>): Promise<void> {
    const { status, settings } = await this.generations.find(id, caller);
    if (isSettled(status)) {
      const keys = Array.from({ length: settings.n }, (_, index) => pictureKey(id, index, settings)); // of one that was stopped or failed some may be there
      await this.pictures.remove(keys);
      if ((await this.queue.remove(id)) !== 'unsettled') return; // an operator had it tried again meanwhile
    }
    throw new SlipstreamError('generation_unsettled', `generation ${id} is ${isSettled(status) ? 'tried again' : status}`, { param: 'id', remedy: 'cancel it first, and delete it when it has ended' });
  }
}

function statusIn(given: unknown): GenerationStatus | undefined {
  if (given === undefined || generationStatuses.includes(given as GenerationStatus)) return given as GenerationStatus | undefined;
  throw new SlipstreamError('invalid_request', `status must be one of ${generationStatuses.join(', ')}`, { param: 'status' });
}

function promptIn(given: unknown): string | undefined {
  if (given === undefined || (typeof given === 'string' && given.trim() !== '' && given.length <= mostSought)) return given;
  throw new SlipstreamError('invalid_request', `prompt must be a text of 1 to ${mostSought} characters that a prompt has in it`, { param: 'prompt' });
}

function timeIn(param: string, given: unknown): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string' && /^\d{1,11}$/.test(given)) return Number(given) * 1000;
  throw new SlipstreamError('invalid_request', `${param} must be a time in Unix seconds`, { param });
}
